using System.Globalization;
using System.Text;

namespace Amp.Checkpoints;

/// <summary>An entry of the difference of two trees, as git reports it.</summary>
/// <param name="RawPath">The path in bytes, because a file name need not be valid UTF-8.</param>
/// <param name="Kind">What happened.</param>
internal sealed record TreeEntry(byte[] RawPath, FileDifferenceKind Kind)
{
    private const string RepositoryMode = "160000";
    private const string NoMode = "000000";

    /// <summary>The path as text.</summary>
    public string Path { get; } = Encoding.UTF8.GetString(RawPath);

    /// <summary>The previous path of a renamed file.</summary>
    public string? PreviousPath { get; private init; }

    public string? Mode { get; private init; }

    public string? PreviousMode { get; private init; }

    /// <summary>The name of the new content.</summary>
    public string Content { get; private init; } = string.Empty;

    public int? LinesAdded { get; private init; }

    public int? LinesRemoved { get; private init; }

    public bool IsBinary { get; private init; }

    /// <summary>Whether it is, or was, a repository of its own.</summary>
    public bool IsRepository => Mode == RepositoryMode || PreviousMode == RepositoryMode;

    /// <summary>Reads the output of <c>diff-tree -r -z --raw --numstat</c>, with or without the numbers of lines.</summary>
    public static IReadOnlyList<TreeEntry> Read(GitAnswer answer)
    {
        List<TreeEntry> entries = [];
        int counted = 0;
        using IEnumerator<byte[]> parts = answer.Parts().GetEnumerator();
        while (parts.MoveNext())
        {
            byte[] part = parts.Current;
            if (part is [(byte)':', ..])
            {
                entries.Add(ReadEntry(Encoding.UTF8.GetString(part, 1, part.Length - 1).Split(' '), parts));
            }
            else if (counted < entries.Count)
            {
                // In the same order: "12\t3\tpath", and for a renamed file "12\t3\t" and both paths.
                string[] numbers = Encoding.UTF8.GetString(part).Split('\t', 3);
                if (numbers is [_, _, ""])
                {
                    parts.MoveNext();
                    parts.MoveNext();
                }

                entries[counted] = entries[counted] with { IsBinary = numbers[0] == "-", LinesAdded = Number(numbers[0]), LinesRemoved = Number(numbers[1]) };
                counted++;
            }
        }

        return entries;
    }

    // "100644 100755 OLD NEW M", and then the path.
    private static TreeEntry ReadEntry(string[] fields, IEnumerator<byte[]> parts)
    {
        parts.MoveNext();
        byte[] path = parts.Current;
        string? previous = null;
        if (fields[4][0] is 'R' or 'C')
        {
            previous = Encoding.UTF8.GetString(path);
            parts.MoveNext();
            path = parts.Current;
        }

        FileDifferenceKind kind = fields[4][0] switch
        {
            'A' => FileDifferenceKind.Added,
            'D' => FileDifferenceKind.Deleted,
            'R' => FileDifferenceKind.Renamed,
            'M' when fields[2] == fields[3] => FileDifferenceKind.ModeChanged,
            _ => FileDifferenceKind.Changed,
        };
        return new TreeEntry(path, kind)
        {
            PreviousPath = previous,
            Mode = fields[1] == NoMode ? null : fields[1],
            PreviousMode = fields[0] == NoMode ? null : fields[0],
            Content = fields[3],
        };
    }

    private static int? Number(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : null;
}
