"""Our own stand-ins for processes, speaking their real protocol."""
