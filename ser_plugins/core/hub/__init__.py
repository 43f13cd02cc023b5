"""Models on the Hugging Face Hub: publishing them, and loading them without trust."""
