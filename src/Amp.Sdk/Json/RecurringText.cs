namespace Amp.Json;

/// <summary>
/// Repeated strings, such as the ID of a thread or the name of a tool: each string is created once and not for every line.
/// </summary>
internal sealed class RecurringText
{
    private const int Places = 64;
    private const int LongestKept = 256;

    // A string replaces another one in the same slot, so strings that are not repeated are not kept.
    private readonly (byte[] Bytes, string Text)[] _known = new (byte[], string)[Places];

    /// <summary>Gets the current string or field name.</summary>
    public string Of(ref JsonReader reader)
    {
        ReadOnlySpan<byte> bytes = reader.ValueSpan;
        if (reader.ValueIsEscaped || bytes.Length is 0 or > LongestKept)
        {
            return JsonText.String(ref reader);
        }

        ref (byte[] Bytes, string Text) known = ref _known[((bytes.Length * 31) + (bytes[0] * 7) + bytes[^1]) % Places];
        if (known.Text is null || !bytes.SequenceEqual(known.Bytes))
        {
            known = (bytes.ToArray(), JsonText.String(ref reader));
        }

        return known.Text;
    }
}
