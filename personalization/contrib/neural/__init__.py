"""Neural recommenders, by torch (extra ``[neural]``): learned on a CPU, served as tables like all others."""
