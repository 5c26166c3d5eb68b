using System.Text.Json;

namespace Amp.Testing;

/// <summary>What a fake CLI took from stdin.</summary>
/// <param name="ByteCount">How much.</param>
/// <param name="ReachedEnd">Whether the end was read.</param>
/// <param name="Sha256">The SHA-256 of it in small hexadecimal digits, or null of nothing.</param>
/// <param name="FirstBytes">Up to 64 bytes of its start, likewise.</param>
/// <param name="Text">The whole as text, or null where it was longer than 1 MiB.</param>
public sealed record FakeCliInput(long ByteCount, bool ReachedEnd, string? Sha256, string? FirstBytes, string? Text)
{
    internal static FakeCliInput Read(JsonElement input) => new(
        input.GetProperty("byteCount").GetInt64(),
        input.GetProperty("reachedEnd").GetBoolean(),
        input.TryGetProperty("sha256", out JsonElement hash) ? hash.GetString() : null,
        input.TryGetProperty("firstBytes", out JsonElement bytes) ? bytes.GetString() : null,
        input.GetProperty("text").GetString());
}
