"""How the learned layer is made from labelled turns. Needs the extra `training`."""
