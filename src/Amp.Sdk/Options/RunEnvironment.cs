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
    private const string NoProxy = "NO_PROXY";

    // The hosts to reach without a proxy. The CLIs read only the first of these that exists.
    private static readonly string[] s_withoutProxy = ["no_proxy", NoProxy];

    // Ranges of addresses mean nothing to the native CLIs.
    private static readonly string[] s_loopback = ["127.0.0.1", "localhost", "::1"];

    /// <summary>Gets the names of the variables that are set for a run, in addition to the caller's.</summary>
    /// <param name="environment">The variables of the run.</param>
    public static IEnumerable<string> NamesSet(IReadOnlyDictionary<string, string> environment) =>
    [
        NoColor,
        .. s_set.Select(variable => variable.Name),
        .. environment.Where(variable => IsWithoutProxy(variable.Key) && variable.Value != Environment.GetEnvironmentVariable(variable.Key))
            .Select(variable => variable.Key),
    ];

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
    /// <param name="reachesLoopback">Whether the CLI must reach services of this process, also if it uses a proxy.</param>
    /// <exception cref="AmpValidationException">A name or value is not valid on any system.</exception>
    public static Dictionary<string, string> Build(
        IReadOnlyDictionary<string, string?>? changes, bool noColor = true, bool reachesLoopback = false)
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

        if (reachesLoopback)
        {
            ReachLoopback(result, changes);
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

    // With a proxy in the variables or in its settings, a native CLI would send the calls of the run's own tools there, together with their token:
    // it makes no exception for loopback addresses.
    private static void ReachLoopback(Dictionary<string, string> environment, IReadOnlyDictionary<string, string?>? changes)
    {
        string[] names = [.. s_withoutProxy.Where(environment.ContainsKey)];
        if (names.Length == 0)
        {
            // What the caller removes stays removed.
            names = changes?.Keys.Any(IsWithoutProxy) == true ? [] : [NoProxy];
        }

        foreach (string name in names)
        {
            string hosts = environment.GetValueOrDefault(name, string.Empty).Trim();
            string[] known = hosts.Split([',', ' '], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            if (known is not ["*"])
            {
                string[] missing = [.. s_loopback.Except(known, StringComparer.OrdinalIgnoreCase)];
                environment[name] = string.Join(',', hosts.Length == 0 ? missing : [hosts, .. missing]);
            }
        }
    }

    private static bool IsWithoutProxy(string name) => s_withoutProxy.Contains(name, StringComparer.OrdinalIgnoreCase);

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
