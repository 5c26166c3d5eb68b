using System.Text;
using Amp.Json;

namespace Amp.Mcp;

/// <summary>Distinguishes JSON text, which often contains secrets and must not be shown, from the path of a file.</summary>
internal static class McpText
{
    private const char Mark = '\uFEFF';

    /// <summary>Returns whether a value is JSON text: it begins with an object or a list, perhaps after a byte order mark, white space and comments.</summary>
    public static bool IsJson(string value) => First(value) is '{' or '[';

    /// <summary>Returns whether a value is a JSON object.</summary>
    public static bool IsObject(string value) => First(value) is '{';

    /// <summary>Returns whether a value may be JSON text with a fault. Paths rarely contain these characters.</summary>
    public static bool MayBeJson(string value) => value.AsSpan().IndexOfAny("{}\"\r\n") >= 0;

    private static char First(string value)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(value.TrimStart(Mark));
        (int next, _) = JsonTrivia.Skip(bytes, 0);
        return next < bytes.Length ? (char)bytes[next] : default;
    }
}
