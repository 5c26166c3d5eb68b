namespace Amp.LocalService.Model;

/// <summary>A model request lacks what the Messages API demands.</summary>
internal sealed class BadModelRequestException(string message) : Exception(message);
