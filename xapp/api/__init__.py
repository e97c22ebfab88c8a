"""The HTTP edge: the fast path for reports, the documented route beside it, and the views."""
