using Amp.Mcp;
using Amp.Options;
using Amp.Permissions;
using Amp.Processes;
using Amp.Services;

namespace Amp.Plans;

/// <summary>
/// The variables and files that a run gives to the CLI, made of its options and of what its services contribute. It is made twice: for
/// the plan, and again when the services are open.
/// </summary>
internal sealed class RunComposition
{
    private RunComposition(AmpOptions options, string workingDirectory, RunContribution contribution, AmpCli? cli)
    {
        Dictionary<string, string> environment = RunEnvironment.Build(options.Environment, options.NoColor);
        List<string> secrets = AddOwnVariables(environment, options);
        Toolbox = contribution.Toolbox;
        Warnings = contribution.Warnings;
        Environment = environment;
        if (options.EnabledTools is not null)
        {
            options = options with { EnabledTools = [.. contribution.Toolbox.WithOffered(options.EnabledTools), .. contribution.EnabledTools] };
        }

        McpComposition servers = McpConfiguration.Compose(
            [.. options.McpServers ?? [], .. contribution.McpServers], options.McpConfig);
        Settings = RunSettings.Of(options, servers.Disabled, workingDirectory, environment, contribution, cli);
        Files = new RunFiles(
            Settings.Content is ReadOnlyMemory<byte> settings ? new PrivateFile("settings.json", settings) : null,
            servers.Content is ReadOnlyMemory<byte> configuration ? new PrivateFile("mcp.json", configuration) : null);
        secrets.AddRange(servers.Content is ReadOnlyMemory<byte> composed ? McpConfiguration.SecretValues(composed) : []);
        secrets.AddRange(contribution.SecretValues);
        SecretValues = secrets;
    }

    public IReadOnlyDictionary<string, string> Environment { get; }

    public RunSettings Settings { get; }

    public RunFiles Files { get; }

    /// <summary>The tools of a toolbox that a service offers in the CLI's place.</summary>
    public ToolboxNames Toolbox { get; }

    /// <summary>What the services say that the caller should know.</summary>
    public IReadOnlyList<string> Warnings { get; }

    /// <summary>Secrets of the options and services, for the redactor.</summary>
    public IReadOnlyList<string> SecretValues { get; }

    /// <param name="options">What the run is given.</param>
    /// <param name="workingDirectory">The folder in which the agent works.</param>
    /// <param name="contribution">What the services of the run add.</param>
    /// <param name="cli">The CLI, which may need settings of its own; null before it is known.</param>
    /// <exception cref="AmpException">Something that was given cannot be used.</exception>
    public static RunComposition Of(AmpOptions options, string workingDirectory, RunContribution contribution, AmpCli? cli) =>
        new(options, workingDirectory, contribution, cli);

    private static List<string> AddOwnVariables(Dictionary<string, string> environment, AmpOptions options)
    {
        List<string> secrets = [];
        RunEnvironment.SetKey(environment, options.ApiKey, secrets);
        if (options.Toolbox is string toolbox)
        {
            environment["AMP_TOOLBOX"] = toolbox;
        }

        return secrets;
    }
}
