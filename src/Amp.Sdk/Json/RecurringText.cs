namespace Amp.Json;

/// <summary>Texts that come again and again, as a thread's ID or a tool's name: each is made into a string once, not once a line.</summary>
internal sealed class RecurringText
{
    private const int Places = 64;
    private const int LongestKept = 256;

    // A text takes the place of another one that falls on it: nothing is kept that does not come again.
    private readonly (byte[] Bytes, string Text)[] _known = new (byte[], string)[Places];

    /// <summary>The string or field name that the reader stands on.</summary>
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
