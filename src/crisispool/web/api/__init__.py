"""What each call does, one file per subject: translate, ask the service, hand the answer on."""
