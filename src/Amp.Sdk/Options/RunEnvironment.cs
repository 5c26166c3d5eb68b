using System.Collections;
using System.Security;

namespace Amp.Options;

/// <summary>Creates the environment variables of the CLI.</summary>
internal static class RunEnvironment
{
    /// <summary>The name of this library for the CLI and the service.</summary>
    public static readonly string SdkVersion =
        "dotnet-" + (typeof(RunEnvironment).Assembly.GetName().Version?.ToString(3) ?? "0");

    // The variables that an outer agent has set for this process. With them, the new run would treat itself as part of that agent's run.
    private static readonly string[] s_removed = ["AGENT", "AMP_THREAD_ID", "AGENT_TOOL_NAME", "AGENT_TOOL_USE_ID"];

    // They would put control sequences into text; NO_COLOR alone does not override them.
    private static readonly string[] s_colorSwitches = ["FORCE_COLOR", "CLICOLOR_FORCE"];

    private static readonly (string Name, string Value)[] s_set =
    [
        ("AMP_SKIP_UPDATE_CHECK", "1"),
        ("AMP_REMOTE_CONTROL_TERMINAL", "0"),
        ("AMP_SDK_VERSION", SdkVersion),
    ];

    private const string NoColor = "NO_COLOR";

    /// <summary>The names of the variables that are set for a run, in addition to the caller's.</summary>
    public static IEnumerable<string> NamesSet => [NoColor, .. s_set.Select(variable => variable.Name)];

    /// <summary>Sets the variable of the access token, which replaces that of the process.</summary>
    /// <param name="environment">The variables of the CLI.</param>
    /// <param name="apiKey">The token; null for none.</param>
    /// <param name="secrets">The list to which the token is added, for the redactor.</param>
    /// <exception cref="AmpValidationException">The token contains a NUL character.</exception>
    public static void SetKey(Dictionary<string, string> environment, SecureString? apiKey, List<string> secrets)
    {
        if (apiKey is not null)
        {
            string key = SecretText.Reveal(apiKey);
            OptionChecks.RefuseNul(key, nameof(AmpOptions.ApiKey));
            environment["AMP_API_KEY"] = key;
            secrets.Add(key);
        }
    }

    /// <summary>
    /// Gets this process's variables, without those of an outer agent, with those of a run, and with the caller's changes.
    /// </summary>
    /// <param name="changes">The variables to set; null values remove a variable.</param>
    /// <param name="noColor">Whether colors are turned off. Otherwise, the color variables of this process are kept.</param>
    /// <exception cref="AmpValidationException">A name or value is not valid on any system.</exception>
    public static Dictionary<string, string> Build(IReadOnlyDictionary<string, string?>? changes, bool noColor = true)
    {
        Dictionary<string, string> result = new(
            OperatingSystem.IsWindows() ? StringComparer.OrdinalIgnoreCase : StringComparer.Ordinal);
        foreach (DictionaryEntry entry in Environment.GetEnvironmentVariables())
        {
            string name = (string)entry.Key;
            bool isRemoved = s_removed.Contains(name)
                || name.StartsWith("AGENT_TOOL_", StringComparison.Ordinal)
                || (noColor && s_colorSwitches.Contains(name));
            if (!isRemoved)
            {
                result[name] = (string?)entry.Value ?? string.Empty;
            }
        }

        if (noColor)
        {
            result[NoColor] = "1";
        }

        foreach ((string name, string value) in s_set)
        {
            result[name] = value;
        }

        foreach ((string name, string? value) in changes ?? new Dictionary<string, string?>())
        {
            Check(name, value);
            if (value is null)
            {
                result.Remove(name);
            }
            else
            {
                result[name] = value;
            }
        }

        return result;
    }

    /// <summary>
    /// Gets the variables of a run on another machine: only what the run and its caller set, because the variables of this process are those of this
    /// machine.
    /// </summary>
    /// <param name="changes">The variables to set; null values remove a variable.</param>
    /// <param name="noColor">Whether colors are turned off.</param>
    /// <returns>The variables to set there, and those to remove.</returns>
    /// <exception cref="AmpValidationException">A name or value is not valid on any system.</exception>
    public static (Dictionary<string, string> Set, IReadOnlyCollection<string> Removed) BuildElsewhere(
        IReadOnlyDictionary<string, string?>? changes, bool noColor)
    {
        Dictionary<string, string> set = s_set.ToDictionary(variable => variable.Name, variable => variable.Value, StringComparer.Ordinal);
        HashSet<string> removed = new([.. s_removed, .. noColor ? s_colorSwitches : []], StringComparer.Ordinal);
        if (noColor)
        {
            set[NoColor] = "1";
        }

        foreach ((string name, string? value) in changes ?? new Dictionary<string, string?>())
        {
            Check(name, value);
            if (value is null)
            {
                set.Remove(name);
                removed.Add(name);
            }
            else
            {
                set[name] = value;
                removed.Remove(name);
            }
        }

        return (set, removed);
    }

    private static void Check(string name, string? value)
    {
        if (name.Length == 0 || name.AsSpan().IndexOfAny('=', '\0') >= 0)
        {
            throw new AmpValidationException(
                $"'{name.Replace("\0", "\\0", StringComparison.Ordinal)}' is not a valid environment variable name.",
                nameof(AmpOptions.Environment),
                "A name has at least one character and neither '=' nor a NUL character.");
        }

        if (value?.Contains('\0', StringComparison.Ordinal) == true)
        {
            throw new AmpValidationException(
                $"The value of the environment variable '{name}' has a NUL character, where the system would cut it off.",
                nameof(AmpOptions.Environment),
                "Remove the NUL character from the value.");
        }
    }
}
