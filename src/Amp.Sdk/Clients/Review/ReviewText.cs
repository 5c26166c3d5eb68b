using System.Globalization;
using System.Text.RegularExpressions;

namespace Amp.Clients.Review;

/// <summary>Reads the text of a review (0.0.1774310664). The whole text is always kept, in addition to what is found in it.</summary>
internal static partial class ReviewText
{
    public static AmpReview Read(string output)
    {
        string text = output.Replace("\r\n", "\n", StringComparison.Ordinal);
        Match heading = ReviewPattern().Match(text);
        int end = heading.Success ? heading.Index : text.Length;

        // The summary comes first. A line like its heading in a comment is text of the model.
        Match summary = SummaryPattern().Match(text, 0, end);
        return new AmpReview
        {
            Text = TerminalText.Strip(text).Trim(),
            Summary = summary.Success ? TerminalText.Strip(text[(summary.Index + summary.Length)..end]).Trim() : null,
            Comments = heading.Success ? Comments(text[(heading.Index + heading.Length)..]) : [],
        };
    }

    /// <summary>
    /// Gets the error that the CLI wrote instead of a review; null for none. A line like it in a review is text of the model, or says that
    /// only the summary is missing.
    /// </summary>
    public static string? FaultIn(string output)
    {
        string text = output.Replace("\r\n", "\n", StringComparison.Ordinal);
        return SummaryPattern().IsMatch(text) || ReviewPattern().IsMatch(text)
            ? null
            : text.Split('\n').FirstOrDefault(line => line.StartsWith("Error ", StringComparison.Ordinal) && line.Contains(": ", StringComparison.Ordinal));
    }

    // "● file" comes before its comments. Each begins with a link to its line, which the text of a model is unlikely to contain.
    private static List<ReviewComment> Comments(string text)
    {
        List<ReviewComment> comments = [];
        Match[] links = [.. LinkPattern().Matches(text).Cast<Match>()];
        Match file = FilePattern().Match(text);
        string? name = null;
        for (int i = 0; i < links.Length; i++)
        {
            int from = links[i].Index + links[i].Length;
            string body = text[from..(i + 1 < links.Length ? links[i + 1].Index : text.Length)];
            int next = FilePattern().Match(body) is { Success: true } after ? after.Index : body.Length;
            int checks = ChecksPattern().Match(body) is { Success: true } found ? found.Index : body.Length;
            string[] lines = links[i].Groups["lines"].Value.Split('-');
            for (; file.Success && file.Index < links[i].Index; file = file.NextMatch())
            {
                name = file.Groups["name"].Value.Trim();
            }

            comments.Add(new ReviewComment
            {
                File = name ?? links[i].Groups["path"].Value,
                Line = int.Parse(lines[0], CultureInfo.InvariantCulture),
                EndLine = int.Parse(lines[^1].TrimStart('L'), CultureInfo.InvariantCulture),
                Text = TerminalText.Strip(body[..Math.Min(next, checks)]).Trim(),
            });
        }

        return comments;
    }

    [GeneratedRegex(@"^Summary(?: \([^\n]*\))?\n", RegexOptions.Multiline)]
    private static partial Regex SummaryPattern();

    [GeneratedRegex(@"^Review\n", RegexOptions.Multiline)]
    private static partial Regex ReviewPattern();

    [GeneratedRegex(@"^● (?<name>[^\n]+)", RegexOptions.Multiline)]
    private static partial Regex FilePattern();

    [GeneratedRegex(@"^\u001b\]8;;[a-z-]+://file/(?<path>[^\a\u001b]*?)(?::[0-9]+)?(?:\a|\u001b\\)@?L(?<lines>[0-9]{1,9}(?:-L?[0-9]{1,9})?)\u001b\]8;;(?:\a|\u001b\\)", RegexOptions.Multiline)]
    private static partial Regex LinkPattern();

    [GeneratedRegex(@"^(?:No checks were run\.|Checks(?: \([^\n]*\))?)\s*$", RegexOptions.Multiline)]
    private static partial Regex ChecksPattern();
}
