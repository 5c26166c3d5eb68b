namespace Amp.Tools;

/// <summary>
/// Finds the file names in a patch for <c>apply_patch</c>. Text that the CLI would not accept as a patch is searched too.
/// </summary>
internal static class PatchFiles
{
    private static readonly string[] s_heads = ["*** Add File:", "*** Update File:", "*** Delete File:", "*** Move to:"];

    /// <summary>Gets the names as written, in order and without duplicates.</summary>
    public static IReadOnlyList<string> In(string patch)
    {
        List<string> files = [];
        HashSet<string> known = new(StringComparer.Ordinal);
        foreach (ReadOnlySpan<char> line in patch.AsSpan().EnumerateLines())
        {
            ReadOnlySpan<char> text = line.TrimStart();
            foreach (string head in text.StartsWith("***", StringComparison.Ordinal) ? s_heads : [])
            {
                if (text.StartsWith(head, StringComparison.Ordinal) && text[head.Length..].Trim() is { Length: > 0 } name)
                {
                    string file = name.ToString();
                    if (known.Add(file))
                    {
                        files.Add(file);
                    }
                }
            }
        }

        return files;
    }
}
