"""Every deployment that hardware and model allow, sized once; the rest with its reason."""
