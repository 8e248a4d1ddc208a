"""The tests mirror the tree of src and bot; what several of them share lives here by a plain name."""
