using System.Collections.Specialized;
using Amp.Json;

namespace Amp.Tools;

/// <summary>
/// Finds the files that a tool result reports as written: <c>{"files":[{"uri":"file:///...","type":"add"}]}</c>, as in <c>apply_patch</c>
/// (0.0.1790142911). A patch names them too, but as the agent wrote them.
/// </summary>
internal static class ResultFiles
{
    // Longer than the longest relevant patch. The files in the patch itself are still counted.
    private const int LongestText = 4 * 1024 * 1024;

    /// <summary>Returns whether a result may contain file names, from the raw text of the line, without decoding it.</summary>
    public static bool MayBeIn(in JsonReader text) =>
        text.ValueSpan.Length <= LongestText && text.ValueSpan.StartsWith("{"u8) && text.ValueSpan.IndexOf("file:/"u8) >= 0;

    /// <summary>Gets the full paths of the files that are reported.</summary>
    public static IReadOnlyList<string> In(string text) =>
        JsonValue.ParseOrNull(text) is OrderedDictionary told && told["files"] is object?[] files
            ? [.. files.OfType<OrderedDictionary>().Select(PathOf).OfType<string>()]
            : [];

    private static string? PathOf(OrderedDictionary file) =>
        Uri.TryCreate(file["uri"] as string, UriKind.Absolute, out Uri? address) && address.IsFile ? address.LocalPath : null;
}
