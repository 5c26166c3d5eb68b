using System.Collections;
using System.Management.Automation;

namespace Amp.PowerShell.Conversion;

/// <summary>
/// Takes secrets out of what PowerShell keeps of a call. Every record of a stream refers to the call with its bound parameters, and
/// <c>*&gt;&amp;1 | ConvertTo-Json</c>, as logs are made, writes them out. The cmdlet has its own values by then.
/// </summary>
internal static class HiddenSecrets
{
    private const string Mask = "***";

    private static readonly string[] s_parameters = ["Environment", "Header", "McpConfig", "ApiKey", "OAuthClientSecret"];

    /// <summary>Replaces the values of parameters that may hold secrets; the names of variables and headers stay.</summary>
    public static void Hide(PSCmdlet cmdlet)
    {
        Dictionary<string, object> bound = cmdlet.MyInvocation.BoundParameters;
        foreach (string name in s_parameters)
        {
            if (bound.TryGetValue(name, out object? value) && Hidden(PlainValue.Unwrap(value)) is object hidden)
            {
                bound[name] = hidden;
            }
        }
    }

    private static object? Hidden(object? value)
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

            // JSON text; a path may be shown.
            case string text when text.TrimStart() is ['{' or '[', ..]:
                return Mask;
            default:
                return null;
        }
    }
}
