using System.Collections;
using System.Globalization;
using System.Management.Automation;

namespace Amp.PowerShell.Conversion;

/// <summary>
/// The parameters of <c>Invoke-Command</c> that say how to reach hosts. It is an interface because a base class for all of these cmdlets would give
/// <c>Get-AmpCli</c> the parameters of runs, such as the account, for which it has no use.
/// </summary>
internal interface IHostParameters
{
    /// <summary>The user; null for the default of SSH.</summary>
    string? UserName { get; }

    /// <summary>The port; 0 for the default of SSH.</summary>
    int Port { get; }

    /// <summary>The path of the key as it was given; null for the keys of SSH.</summary>
    string? KeyFilePath { get; }

    /// <summary>Has no effect, because SSH is the only transport.</summary>
    SwitchParameter SSHTransport { get; }

    /// <summary>Options of SSH; null for none.</summary>
    IDictionary? Options { get; }
}

/// <summary>Makes transports of the parameters that name hosts.</summary>
internal static class HostParameter
{
    // Not an option of ssh_config, but the one thing that cannot be one: the file itself.
    private const string ConfigFile = "F";

    private static readonly string[] s_others = [.. typeof(IHostParameters).GetProperties().Select(property => property.Name)];

    /// <summary>Refuses the parameters that have no meaning without a host.</summary>
    /// <param name="bound">The parameters of the call.</param>
    /// <exception cref="AmpValidationException">One of them was given.</exception>
    public static void CheckWithoutHost(IDictionary<string, object> bound)
    {
        if (Array.Find(s_others, bound.ContainsKey) is string name)
        {
            throw new AmpValidationException($"-{name} requires -HostName.", name, $"Add -HostName, or omit -{name}.");
        }
    }

    /// <summary>Reads what is the same for all hosts, and makes transports of their names. A user and a port in a name come before the parameters.</summary>
    /// <param name="parameters">The parameters of the call.</param>
    /// <param name="resolve">Gets the full path of a file from one that is relative to the current location, and the name of the parameter.</param>
    /// <exception cref="AmpValidationException">A parameter is not valid; later, a host is not.</exception>
    public static Func<string, SshTransport> Reader(IHostParameters parameters, Func<string, string, string> resolve)
    {
        Dictionary<string, string> given = new(StringComparer.OrdinalIgnoreCase);
        foreach (DictionaryEntry option in parameters.Options ?? new Hashtable())
        {
            given[LanguagePrimitives.ConvertTo<string>(option.Key)] = option.Value is null
                ? throw new AmpValidationException($"The SSH option '{option.Key}' has no value.", nameof(IHostParameters.Options), "Give a value, or omit the option.")
                : LanguagePrimitives.ConvertTo<string>(option.Value);
        }

        string? key = parameters.KeyFilePath is string keyPath ? resolve(keyPath, nameof(IHostParameters.KeyFilePath)) : null;
        string? file = Taken(ConfigFile) is string path ? resolve(path, nameof(IHostParameters.Options)) : null;
        TimeSpan? connect = Seconds("ConnectTimeout");
        TimeSpan? alive = Seconds("ServerAliveInterval");
        return host => new SshTransport(host, parameters.UserName, parameters.Port == 0 ? null : parameters.Port)
        {
            KeyFilePath = key,
            ConfigFile = file,
            Options = given,
            ConnectTimeout = connect ?? TimeSpan.FromSeconds(30),
            KeepAliveInterval = alive ?? TimeSpan.FromSeconds(15),
        };

        string? Taken(string name) => given.Remove(name, out string? value) ? value : null;

        // The run itself waits that long too, so it must know the time.
        TimeSpan? Seconds(string name) => Taken(name) is not string text ? null
            : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int seconds) ? TimeSpan.FromSeconds(seconds)
            : throw new AmpValidationException($"'{TerminalText.Strip(text)}' is not a valid value for the SSH option '{name}'.", nameof(IHostParameters.Options), "Give a whole number of seconds.");
    }

    /// <summary>An object with the host that it is from; the object itself for this machine.</summary>
    public static object Mark(object written, string? hostName)
    {
        if (hostName is null)
        {
            return written;
        }

        PSObject marked = written as PSObject ?? new PSObject(written);
        if (marked.Properties["PSComputerName"] is null)
        {
            marked.Properties.Add(new PSNoteProperty("PSComputerName", hostName), preValidated: true);
        }

        return marked;
    }
}
