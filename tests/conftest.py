"""What holds for all tests."""

from hypothesis import settings

# Machines that run tests are shared: how long an example takes says nothing of the program.
settings.register_profile(
    "untimed", parent=settings.get_profile(settings.get_current_profile_name()), deadline=None
)
settings.load_profile("untimed")
