using System.Text;
using System.Text.RegularExpressions;

namespace Amp.HelpBuilder;

/// <summary>Makes the text that Get-Help shows of a page about more than one cmdlet: headings, paragraphs, lists, tables and code.</summary>
internal sealed partial class AboutText
{
    private const int Width = 79;
    private readonly MarkdownLines _lines;
    private readonly List<string> _text = [];

    private AboutText(MarkdownLines lines) => _lines = lines;

    public static string Of(MarkdownLines lines, string name)
    {
        if (lines.Current != $"# {name}")
        {
            throw lines.Fault($"Expected '# {name}', and found '{lines.Current}'.");
        }

        AboutText made = new(lines);
        while (!lines.IsAtEnd)
        {
            made.Add();
        }

        string text = BlankEnd().Replace(string.Join('\n', made._text), string.Empty);
        text = ManyLines().Replace(text, "\n\n");

        // Get-Help wants a heading's text in the line below it.
        return HeadingLine().Replace(text, "$1\n").TrimEnd() + "\n";
    }

    private static string Plain(string markdown) => PlainText.Of(markdown.Trim()).Replace("\\|", "|", StringComparison.Ordinal);

    private void Add()
    {
        string line = _lines.Current;
        if (line.Length == 0)
        {
            _text.Add(_lines.Take());
        }
        else if (Heading().Match(line) is { Success: true } heading)
        {
            _lines.Take();
            string words = heading.Groups["words"].Value;
            _text.AddRange(heading.Groups["rank"].Length switch
            {
                1 => ["TOPIC", $"    {words}"],
                2 => [Plain(words).ToUpperInvariant()],
                _ => (string[])[$"  {Plain(words)}"],
            });
        }
        else if (line.StartsWith("```", StringComparison.Ordinal))
        {
            _text.AddRange(_lines.TakeCode(line).Select(code => code.Length > 0 ? $"        {code}" : string.Empty));
        }
        else if (line.StartsWith('|'))
        {
            AddTable();
        }
        else if (ListMark().Match(line) is { Success: true } mark)
        {
            AddParagraph(TakeWhile(next => ContinuedItem().IsMatch(next))[mark.Length..], $"    {mark.Value}");
        }
        else if (OtherBlock().IsMatch(line))
        {
            throw _lines.Fault($"Expected a heading, a paragraph, a list, a table or code, and found '{line}'.");
        }
        else
        {
            AddParagraph(TakeWhile(next => next.Length > 0 && !Block().IsMatch(next) && !OtherBlock().IsMatch(next)), "    ");
        }
    }

    private string TakeWhile(Func<string, bool> goesOn)
    {
        StringBuilder text = new(_lines.Take());
        while (!_lines.IsAtEnd && goesOn(_lines.Current))
        {
            text.Append(' ').Append(_lines.Take());
        }

        return text.ToString();
    }

    // Lines of words; the first begins with the given text, the others stand below its end.
    private void AddParagraph(string markdown, string first)
    {
        string line = first.TrimEnd();
        int column = first.Length;
        foreach (string word in Plain(markdown).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.Trim().Length > 0 && line.Length > column && line.Length + 1 + word.Length > Width)
            {
                _text.Add(line);
                line = string.Empty;
            }

            line = line.Length < column ? line.PadRight(column) + word : $"{line} {word}";
        }

        _text.Add(line);
    }

    // The first column is what is told about. What is told of it stands below, with the headings of its columns where there are several.
    private void AddTable()
    {
        List<string[]> rows = [];
        while (!_lines.IsAtEnd && _lines.Current.StartsWith('|'))
        {
            string[] cells = [.. CellBorder().Split(_lines.Current.Trim().Trim('|')).Select(cell => cell.Trim())];
            if (rows.Count > 0 && cells.Length != rows[0].Length)
            {
                throw _lines.Fault($"The row has {cells.Length} cells; the first one has {rows[0].Length}.");
            }

            if (rows.Count == 1 && cells.Any(cell => cell.Trim('-', ':').Length > 0))
            {
                throw _lines.Fault("The second line of a table has only dashes.");
            }

            rows.Add(cells);
            _lines.Take();
        }

        string[] headings = [.. rows[0].Skip(1).Select(heading => heading.Length > 0 ? $"{char.ToUpperInvariant(heading[0])}{heading[1..]}:" : string.Empty)];
        bool areShown = headings.Length > 1;
        int indent = 8 + (areShown ? headings.Max(heading => heading.Length) + 1 : 0);
        foreach (string[] cells in rows.Skip(2))
        {
            AddParagraph(cells[0], "    ");
            for (int i = 1; i < cells.Length; i++)
            {
                AddParagraph(cells[i], $"        {(areShown ? headings[i - 1] : string.Empty)}".PadRight(indent));
            }

            if (areShown)
            {
                _text.Add(string.Empty);
            }
        }
    }

    [GeneratedRegex("^(?<rank>#{1,3}) (?<words>.+)$")]
    private static partial Regex Heading();

    [GeneratedRegex(@"^(?:- |\d+\. )")]
    private static partial Regex ListMark();

    [GeneratedRegex(@"^ +\S")]
    private static partial Regex ContinuedItem();

    [GeneratedRegex(@"^(?:#|```|\||- |\d+\. )")]
    private static partial Regex Block();

    [GeneratedRegex(@"^(?:#|[*+] |>|<|\s|!\[)")]
    private static partial Regex OtherBlock();

    [GeneratedRegex(@"(?<!\\)\|")]
    private static partial Regex CellBorder();

    [GeneratedRegex(" +$", RegexOptions.Multiline)]
    private static partial Regex BlankEnd();

    [GeneratedRegex(@"\n{3,}")]
    private static partial Regex ManyLines();

    [GeneratedRegex(@"^([^a-z\s][^a-z\n]*)\n\n", RegexOptions.Multiline)]
    private static partial Regex HeadingLine();
}
