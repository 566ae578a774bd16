"""Why a verification failed, since when, and which change brought it."""
