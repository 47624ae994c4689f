"""When and where: the night, its Prefect flow, and the command line.

discovery/   which calls lie in the recordings location and what is due
steps        what is done to a batch of calls; knows nothing of Prefect
night        one night from the first look to the closing line; knows nothing of Prefect
nightly      the same night as a Prefect flow, a task per batch
resources    the composition root: engine, readers, warehouse, built once per process
cli/         the command `nightcall`
"""
