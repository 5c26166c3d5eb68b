using System.Collections;
using System.Management.Automation;
using Amp.Mcp;

namespace Amp.PowerShell.Conversion;

/// <summary>
/// Removes secrets from the bound parameters that PowerShell keeps. Every record of a stream refers to the call and its bound parameters,
/// and logs created with <c>*&gt;&amp;1 | ConvertTo-Json</c> would contain them. At this point, the cmdlet has its own copies.
/// </summary>
internal static class HiddenSecrets
{
    private const string Mask = "***";

    private static readonly string[] s_parameters = ["Environment", "Header", "McpConfig", "McpServer", "ApiKey", "OAuthClientSecret"];

    /// <summary>Replaces the values of parameters that may contain secrets. The names of variables and headers are kept.</summary>
    public static void Hide(PSCmdlet cmdlet)
    {
        Dictionary<string, object> bound = cmdlet.MyInvocation.BoundParameters;
        foreach (string name in s_parameters)
        {
            if (bound.TryGetValue(name, out object? value) && Hidden(name, PlainValue.Unwrap(value)) is object hidden)
            {
                bound[name] = hidden;
            }
        }
    }

    private static object? Hidden(string name, object? value)
    {
        switch (value)
        {
            case IDictionary given:
                Hashtable names = [];
                foreach (object key in given.Keys)
                {
                    names[key] = Mask;
                }

                return names;

            // A path is safe to show.
            case string path when name == "McpConfig" && !McpText.IsJson(path) && !McpText.MayBeJson(path):
                return null;
            case string or PSCustomObject:
                return Mask;

            // Not converted yet: hashtables have their secrets as plain text.
            case object[] when name == nameof(McpServer) && value is not McpServer[]:
                return Mask;
            default:
                return null;
        }
    }
}
