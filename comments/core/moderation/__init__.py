"""The rules of the house, pure: storage gathers Facts, `pipeline.judge` decides, the action acts."""
