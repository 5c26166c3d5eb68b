using System.Security.Cryptography;

namespace Amp.LocalService.Actors;

/// <summary>IDs in the form that the native builds demand; what does not fit is dropped by them without a word.</summary>
internal static class ActorIds
{
    private const string Alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    private const int Length = 22;

    public static string Thread() => $"T-{Guid.NewGuid():D}";

    public static string Message() => "M-" + RandomNumberGenerator.GetString(Alphabet, Length);

    public static string ToolCall() => "TU-" + RandomNumberGenerator.GetString(Alphabet, Length);

    public static string Token() => RandomNumberGenerator.GetHexString(32, lowercase: true);
}
