"""The only code that knows Socket.IO."""
