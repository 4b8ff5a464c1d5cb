"""The interview at a terminal: Copier's questions, in their groups, and a summary to correct."""
