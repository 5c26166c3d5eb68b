using System.Text.RegularExpressions;

namespace Amp.Tools;

/// <summary>
/// The names of tools: <c>Get-Thing</c> of the server <c>ps</c> is offered to the model as <c>mcp__ps__Get_Thing</c>. If a name has more
/// than 63 characters, the CLI offers it without its prefix, and it may be equal to the name of one of the CLI's tools (0.0.1774310664).
/// </summary>
internal static partial class ToolName
{
    private const int LongestOffered = 63;

    /// <exception cref="AmpValidationException">The text is not a valid name of a tool.</exception>
    public static void Check(string name)
    {
        if (string.IsNullOrEmpty(name) || !Pattern().IsMatch(name))
        {
            throw new AmpValidationException(
                string.IsNullOrEmpty(name) ? "A tool has no name." : $"'{TerminalText.Strip(name)}' is not a valid tool name.",
                nameof(AmpTool.Name),
                "Give letters, digits, hyphens and underscores, and at least one letter or digit.",
                name);
        }
    }

    /// <summary>Gets the name of a tool for the model.</summary>
    public static string Offered(string server, string name) => $"mcp__{Mangle(server)}__{Mangle(name)}";

    /// <summary>
    /// Gets the names of tools on their server, in order. Names that the CLIs would treat as equal, such as <c>Get-Foo</c> and
    /// <c>Get-_-Foo</c>, are numbered.
    /// </summary>
    /// <exception cref="AmpValidationException">A tool is included twice, or its name would lose the server prefix.</exception>
    public static IReadOnlyList<string> Served(string server, IReadOnlyList<AmpTool> tools)
    {
        HashSet<string> names = new(StringComparer.OrdinalIgnoreCase);
        HashSet<string> served = new(StringComparer.OrdinalIgnoreCase);
        List<string> result = [];
        foreach (AmpTool? tool in tools)
        {
            if (tool is null)
            {
                throw new AmpValidationException("One of the tools is null.", AmpOptionName.Tools, "Omit it.");
            }

            if (!names.Add(tool.Name))
            {
                throw new AmpValidationException(
                    $"There are two tools with the name '{tool.Name}'.", AmpOptionName.Tools, "Give each tool a unique name.", tool.Name);
            }

            CheckLength(server, tool.Name);
            result.Add(Mangle(tool.Name));
        }

        // A tool with the plain name keeps it, wherever it is in the list.
        HashSet<string> taken = new(result, StringComparer.OrdinalIgnoreCase);
        for (int i = 0; i < result.Count; i++)
        {
            string name = result[i];
            for (int number = 2; !served.Add(result[i]); number++)
            {
                string numbered = $"{name}_{number}";
                result[i] = taken.Contains(numbered) ? name : numbered;
            }

            CheckLength(server, result[i]);
        }

        return result;
    }

    /// <summary>Refuses a name that would lose the server prefix.</summary>
    /// <exception cref="AmpValidationException">The name would lose the server prefix.</exception>
    public static void CheckLength(string server, string name)
    {
        string offered = Offered(server, name);
        if (offered.Length > LongestOffered)
        {
            throw new AmpValidationException(
                $"The name of the tool '{name}' has {name.Length} characters; the model would see it as '{offered}'.",
                nameof(AmpTool.Name),
                $"Give a name of at most {LongestOffered - offered.Length + name.Length} characters.",
                name);
        }
    }

    /// <summary>Gets a name in the CLIs' spelling.</summary>
    public static string Mangle(string name) => Runs().Replace(name, "_").Trim('_');

    [GeneratedRegex(@"\A[A-Za-z0-9_-]*[A-Za-z0-9][A-Za-z0-9_-]*\z")]
    private static partial Regex Pattern();

    [GeneratedRegex("[^A-Za-z0-9]+")]
    private static partial Regex Runs();
}
