"""How everything is started, watched and stopped: databases out of wheels, programs, the supervisor, the clock."""
