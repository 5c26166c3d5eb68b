using System.Globalization;
using System.Text.RegularExpressions;
using Amp.Options;

namespace Amp.Clients.Threads;

/// <summary>
/// Reads the table of <c>threads list</c> and <c>threads search</c>. A line of dashes determines the columns, so a title can contain
/// anything: two spaces, a line of a table, an ID, a line break. All columns except the first must have the expected format.
/// </summary>
/// <remarks>
/// The CLIs of January to September 2026 measure widths in UTF-16 units, like .NET strings. If a CLI measured terminal cells instead, the
/// columns after the title would be found from the end of the line.
/// </remarks>
internal sealed partial class ThreadTable
{
    private const string Gap = "  ";
    private const string Untitled = "Untitled";

    private readonly string _text;
    private readonly DateTimeOffset _now;
    private readonly Func<string, string, Exception> _unreadable;
    private readonly List<Column> _columns = [];
    private int _position;

    private ThreadTable(string text, DateTimeOffset now, Func<string, string, Exception> unreadable)
    {
        _text = text.Replace("\r\n", "\n", StringComparison.Ordinal);
        _now = now;
        _unreadable = unreadable;
    }

    private int Width => _columns[^1].Start + _columns[^1].Length;

    /// <summary>Reads a table.</summary>
    /// <param name="text">The standard output of the CLI.</param>
    /// <param name="now">The time when the CLI wrote it.</param>
    /// <param name="unreadable">Creates the error from its description and the text with the problem.</param>
    public static ThreadRows Read(string text, DateTimeOffset now, Func<string, string, Exception> unreadable) =>
        new ThreadTable(text, now, unreadable).Read();

    private ThreadRows Read()
    {
        string header = Line();
        if (NothingPattern().IsMatch(header) && _text.AsSpan(_position).IsWhiteSpace())
        {
            return new ThreadRows([], HasMore: false);
        }

        ReadColumns(header, Line());
        List<AmpThread> threads = [];
        while (_position < _text.Length)
        {
            if (MorePattern().IsMatch(_text.AsSpan(_position)))
            {
                return new ThreadRows(threads, HasMore: true);
            }

            threads.Add(Row());
        }

        return new ThreadRows(threads, HasMore: false);
    }

    private void ReadColumns(string header, string rule)
    {
        if (!RulePattern().IsMatch(rule))
        {
            throw _unreadable("is not a table of threads", header + "\n" + rule);
        }

        int start = 0;
        foreach (string dashes in rule.Split(Gap))
        {
            string name = start < header.Length ? header[start..Math.Min(header.Length, start + dashes.Length)].Trim() : string.Empty;
            _columns.Add(new Column(name, start, dashes.Length));
            start += dashes.Length + Gap.Length;
        }

        string[] names = [.. _columns.Select(column => column.Name)];
        bool isKnown = names.Length >= 3 && names[0] == "Title" && names[^1] is "Thread ID" or "Thread URL"
            && names[1..^1].Distinct(StringComparer.Ordinal).Count() == names.Length - 2
            && Array.TrueForAll(names[1..^1], name => name is "Last Updated" or "Visibility" or "Messages");
        if (!isKnown)
        {
            throw _unreadable("has unknown columns", header);
        }
    }

    private AmpThread Row()
    {
        int start = _position;

        // A title with a line break makes a row of several lines, which is as wide as any other.
        int end = start + Width;
        if ((end == _text.Length || (end < _text.Length && _text[end] == '\n')) && Parse(_text[start..end]) is { } thread)
        {
            _position = end + 1;
            return thread;
        }

        string line = Line();
        return Parse(line.PadRight(Width)) ?? ParseFromEnd(line) ?? throw _unreadable("has a line that is not a thread", line);
    }

    private AmpThread? Parse(string row) => row.Length == Width ? Parse(row[.._columns[0].Length], row[_columns[0].Length..]) : null;

    private AmpThread? ParseFromEnd(string line)
    {
        int rest = Width - _columns[0].Length;
        return line.Length >= rest ? Parse(line[..^rest], line[^rest..]) : null;
    }

    // The cell of the title, and the rest of the row.
    private AmpThread? Parse(string titleCell, string rest)
    {
        string title = titleCell.TrimEnd();
        AmpThread? thread = new()
        {
            Id = string.Empty,
            Title = title is Untitled or "" ? null : title,
            IsTitleShortened = titleCell.EndsWith("...", StringComparison.Ordinal),
        };
        foreach (Column column in _columns.Skip(1))
        {
            int start = column.Start - _columns[0].Length;
            if (rest.Substring(start - Gap.Length, Gap.Length) != Gap)
            {
                return null;
            }

            thread = With(thread, column.Name, rest.Substring(start, column.Length).Trim());
            if (thread is null)
            {
                return null;
            }
        }

        return thread;
    }

    private AmpThread? With(AmpThread thread, string column, string cell)
    {
        switch (column)
        {
            case "Last Updated":
                return RelativeTime.Read(cell, _now) is { } updated ? thread with { Updated = updated, IsUpdatedEstimated = true } : null;
            case "Messages":
                return int.TryParse(cell, NumberStyles.None, CultureInfo.InvariantCulture, out int count) ? thread with { MessageCount = count } : null;
            case "Visibility":
                Match visibility = VisibilityPattern().Match(cell);
                return visibility.Success ? thread with { Visibility = visibility.Groups["word"].Value.ToLowerInvariant() } : null;
            default:
                return ThreadReference.TryParse(cell) is { } id ? thread with { Id = id } : null;
        }
    }

    private string Line()
    {
        int end = _text.IndexOf('\n', _position);
        string line = end < 0 ? _text[_position..] : _text[_position..end];
        _position = end < 0 ? _text.Length : end + 1;
        return line;
    }

    private sealed record Column(string Name, int Start, int Length);

    [GeneratedRegex(@"\ANo threads found(?: matching your query)?\.\s*\z", RegexOptions.CultureInvariant)]
    private static partial Regex NothingPattern();

    [GeneratedRegex(@"\A─+(?:  ─+)+\z", RegexOptions.CultureInvariant)]
    private static partial Regex RulePattern();

    [GeneratedRegex(@"\A\s*More results available\.[^\n]*\s*\z", RegexOptions.CultureInvariant)]
    private static partial Regex MorePattern();

    // For a thread that is shared with groups, the number of groups: "2 Groups".
    [GeneratedRegex(@"\A(?:[0-9]+ )?(?<word>Private|Public|Unlisted|Workspace|Group)s?\z", RegexOptions.CultureInvariant)]
    private static partial Regex VisibilityPattern();
}

/// <summary>The answer of a command that lists threads.</summary>
/// <param name="Threads">The threads, in the CLI's order.</param>
/// <param name="HasMore">Whether the CLI reports more threads than it shows.</param>
internal sealed record ThreadRows(IReadOnlyList<AmpThread> Threads, bool HasMore);
