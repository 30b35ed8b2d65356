# The network that operators work on, unless they say otherwise.
export PROFILE=live
