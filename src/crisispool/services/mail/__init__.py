"""Mail to the shared mailboxes of services: what it says, when it goes, the page behind its one link."""
