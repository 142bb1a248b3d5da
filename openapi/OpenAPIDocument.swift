// The contract, embedded so that the program serves the very document it was built from.
