using System.Text;
using Amp.Text;

namespace Amp.Processes;

/// <summary>
/// Assembles the lines of a child's standard error from the chunks in which they arrive. If chunks were used directly, half a control
/// sequence could be shown, and half a secret would not be recognized.
/// </summary>
/// <param name="received">Gets each line, and whether only its start was kept.</param>
internal sealed class StandardErrorLines(Action<string, bool> received)
{
    /// <summary>The maximum length of a line that is shown. Most of the rest is skipped.</summary>
    public const int LongestShown = 16 * 1024;

    /// <summary>The maximum length of a secret that is recognized where text is cut. A character needs at most three bytes.</summary>
    public const int LongestSecret = 4 * 1024;

    // A secret that begins in the shown part is included completely, so that it is recognized.
    private const int LongestKept = 3 * (LongestShown + LongestSecret);

    private byte[] _line = new byte[1024];
    private int _length;
    private bool _isCut;

    /// <summary>A line as it is shown: its start, if it is very long.</summary>
    /// <param name="line">The line, without secrets.</param>
    /// <param name="isCut">Whether the line is only the start of what was written.</param>
    public static string Shown(string line, bool isCut)
    {
        // The end may be the start of a secret, which is not recognized.
        string whole = isCut ? line[..Math.Max(0, line.Length - LongestSecret)] : line;
        return whole.Length > LongestShown ? TruncatedText.Shown(whole, LongestShown) : isCut ? whole + "…" : whole;
    }

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
        bool isCut = _isCut;
        _length = 0;
        _isCut = false;
        if (!string.IsNullOrWhiteSpace(line))
        {
            received(line, isCut);
        }
    }

    private void Keep(ReadOnlySpan<byte> bytes)
    {
        _isCut |= bytes.Length > LongestKept - _length;
        bytes = bytes[..Math.Min(bytes.Length, LongestKept - _length)];
        if (_length + bytes.Length > _line.Length)
        {
            Array.Resize(ref _line, Math.Min(LongestKept, 2 * (_length + bytes.Length)));
        }

        bytes.CopyTo(_line.AsSpan(_length));
        _length += bytes.Length;
    }
}
