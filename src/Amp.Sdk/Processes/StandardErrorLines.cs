using System.Text;

namespace Amp.Processes;

/// <summary>
/// Assembles the lines of a child's standard error from the chunks in which they arrive. If chunks were used directly, half a control
/// sequence could be shown, and half a secret would not be recognized.
/// </summary>
internal sealed class StandardErrorLines(Action<string> received)
{
    /// <summary>The maximum length of a line that is shown. Most of the rest is skipped.</summary>
    public const int LongestShown = 16 * 1024;

    /// <summary>A line as it is shown: its start, if it is very long.</summary>
    public static string Shown(string line) => line.Length <= LongestShown ? line : line[..LongestShown] + "…";

    // A secret that begins in the shown part is included completely, so that it is recognized.
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

    /// <summary>Processes the text after the last line break as a line when the stream has ended.</summary>
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
