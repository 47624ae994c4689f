"""What people read: lazy frames in, frames or pages out."""
