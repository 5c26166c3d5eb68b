using System.Text.RegularExpressions;

namespace Amp.HelpBuilder;

/// <summary>What a page has and this program does not read.</summary>
/// <param name="message">The file, the line and what is wrong, as MSBuild takes an error.</param>
internal sealed class PageException(string message) : Exception(message);

/// <summary>The lines of a page, read from the first to the last.</summary>
internal sealed partial class MarkdownLines
{
    private readonly string _file;
    private readonly string[] _lines;

    private MarkdownLines(string file, string[] lines)
    {
        _file = file;
        _lines = lines;
    }

    /// <summary>Whether no line is left.</summary>
    public bool IsAtEnd => Index >= _lines.Length;

    /// <summary>The line that is read next; empty at the end.</summary>
    public string Current => IsAtEnd ? string.Empty : _lines[Index];

    /// <summary>How many lines have been read.</summary>
    public int Index { get; private set; }

    public static MarkdownLines Of(string file)
    {
        string[] lines = File.ReadAllText(file).ReplaceLineEndings("\n").TrimEnd('\n').Split('\n');
        return new MarkdownLines(file, lines);
    }

    public string Take() => !IsAtEnd ? _lines[Index++] : throw Fault("The page ends too early.");

    public void Take(string expected)
    {
        if (Current != expected || IsAtEnd)
        {
            throw Fault($"Expected '{expected}', and found '{Current}'.");
        }

        Index++;
    }

    /// <summary>Takes a line that a pattern describes, and gives what its groups hold.</summary>
    public GroupCollection Take(Regex pattern, string expected)
    {
        Match match = pattern.Match(Current);
        if (!match.Success || IsAtEnd)
        {
            throw Fault($"Expected {expected}, and found '{Current}'.");
        }

        Index++;
        return match.Groups;
    }

    public void SkipBlank()
    {
        while (!IsAtEnd && Current.Length == 0)
        {
            Index++;
        }
    }

    /// <summary>The lines of a block of code, whose fence is the current line.</summary>
    public string[] TakeCode(string fence)
    {
        int start = Index;
        Take(fence);
        List<string> code = [];
        while (Current != "```")
        {
            if (IsAtEnd || Current.StartsWith("```", StringComparison.Ordinal))
            {
                throw Fault($"The code that '{fence}' begins has no end.", start);
            }

            code.Add(Take());
        }

        Index++;
        return [.. code];
    }

    /// <summary>The paragraphs up to a heading, a block of code or the end; a page has each on one line or on several.</summary>
    public string[] TakeParagraphs()
    {
        List<string> paragraphs = [];
        for (SkipBlank(); !IsAtEnd && !IsBorder(Current); SkipBlank())
        {
            List<string> lines = [];
            while (Current.Length > 0 && !IsBorder(Current))
            {
                RefuseOtherMarkdown();
                lines.Add(Take());
            }

            paragraphs.Add(string.Join(' ', lines));
        }

        return [.. paragraphs];
    }

    /// <summary>An error of the line that is read next, or of another one.</summary>
    public PageException Fault(string message, int? index = null) => new($"{_file}({(index ?? Index) + 1}): error HELP1: {message}");

    private static bool IsBorder(string line) => line.StartsWith('#') || line.StartsWith("```", StringComparison.Ordinal);

    private void RefuseOtherMarkdown()
    {
        if (OtherPattern().IsMatch(Current))
        {
            throw Fault($"Expected a paragraph, and found '{Current}': no lists, tables, quotes or HTML are read here.");
        }
    }

    [GeneratedRegex(@"^(?:[-*+] |\d+\. |\||>|<|\s|!\[)")]
    private static partial Regex OtherPattern();
}
