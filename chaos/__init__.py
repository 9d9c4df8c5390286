"""Real processes, real kills: what ``make chaos`` runs, breaks and then checks against the promise."""
