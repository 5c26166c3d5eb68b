using System.Text;

namespace Amp.Processes;

/// <summary>
/// Puts the lines of a child's standard error together from the pieces in which they arrive: cut anywhere, half a control
/// sequence would be shown, and half a secret would not be recognized as one.
/// </summary>
internal sealed class StandardErrorLines(Action<string> received)
{
    /// <summary>How much of a line is worth showing; most of the rest is passed over.</summary>
    public const int LongestShown = 16 * 1024;

    // A secret that begins in what is shown is there as a whole, so that it can be recognized.
    private const int LongestKept = LongestShown + (4 * 1024);

    private readonly byte[] _line = new byte[LongestKept];
    private int _length;

    public void Append(ReadOnlySpan<byte> bytes)
    {
        while (bytes.IndexOf((byte)'\n') is >= 0 and int length)
        {
            Keep(bytes[..length]);
            Flush();
            bytes = bytes[(length + 1)..];
        }

        Keep(bytes);
    }

    /// <summary>What stands after the last line end is a line too when nothing follows any more.</summary>
    public void Flush()
    {
        string line = TerminalText.Strip(Encoding.UTF8.GetString(_line, 0, _length));
        _length = 0;
        if (!string.IsNullOrWhiteSpace(line))
        {
            received(line);
        }
    }

    private void Keep(ReadOnlySpan<byte> bytes)
    {
        bytes = bytes[..Math.Min(bytes.Length, LongestKept - _length)];
        bytes.CopyTo(_line.AsSpan(_length));
        _length += bytes.Length;
    }
}
