namespace Amp.Tools;

/// <summary>Finds the files that a patch for <c>apply_patch</c> names. What the CLI itself would not read as a patch is gone over all the same.</summary>
internal static class PatchFiles
{
    private static readonly string[] s_heads = ["*** Add File:", "*** Update File:", "*** Delete File:", "*** Move to:"];

    /// <summary>The names as they stand there, in their order, each once.</summary>
    public static IReadOnlyList<string> In(string patch)
    {
        List<string> files = [];
        foreach (ReadOnlySpan<char> line in patch.AsSpan().EnumerateLines())
        {
            ReadOnlySpan<char> text = line.TrimStart();
            foreach (string head in text.StartsWith("***", StringComparison.Ordinal) ? s_heads : [])
            {
                if (text.StartsWith(head, StringComparison.Ordinal) && text[head.Length..].Trim() is { Length: > 0 } name)
                {
                    string file = name.ToString();
                    if (!files.Contains(file))
                    {
                        files.Add(file);
                    }
                }
            }
        }

        return files;
    }
}
