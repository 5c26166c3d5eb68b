using System.Collections.Specialized;
using Amp.Cli;
using Amp.Clients.Skills;

namespace Amp;

/// <summary>Gets, installs and removes skills of the agent.</summary>
public sealed class SkillClient
{
    private readonly CliOptions? _options;

    /// <summary>Creates a client. Nothing is started.</summary>
    public SkillClient(CliOptions? options = null) => _options = options;

    /// <summary>
    /// Gets the skills that the agent would have in the working directory. The build of 2026-01-08 omits those of the user.
    /// </summary>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <exception cref="AmpException">The CLI cannot be used, or returned an unknown answer.</exception>
    public async Task<SkillList> ListAsync(CancellationToken cancellationToken = default)
    {
        CliConnection connection = await OpenAsync("skill list", cancellationToken).ConfigureAwait(false);
        string[] arguments = ["skill", "list", "--json"];
        CliAnswer answer = await connection.RunAsync(arguments, cancellationToken).ConfigureAwait(false);
        CliJson json = new(connection, arguments);

        // A plain list on 2026-01-08; from 2026-01-26, an object that also contains what could not be read.
        object value = json.Value(answer.Output);
        OrderedDictionary? whole = value as OrderedDictionary;
        return new SkillList(
            [.. json.Items(whole is null ? value : whole["skills"], answer.Output).Select(item => Read(json, item))],
            [.. (whole?["errors"] as object?[] ?? []).Select(Fault)]);
    }

    /// <summary>
    /// Gets the names of skills in the folders in which the CLI would search for the working directory and the user (as in 0.0.1774310664),
    /// for completion. The CLI is not asked, and no failure is an error.
    /// </summary>
    public IReadOnlyList<string> FindNames() => SkillFolders.Names(_options);

    /// <summary>Installs the skills of a source.</summary>
    /// <param name="source">A folder, <c>owner/repository</c> with an optional path, or the URL of a Git repository.</param>
    /// <param name="options">The destination and the name.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>The installed skills, and the problems of the others.</returns>
    /// <exception cref="AmpException">The source cannot be used, or the CLI could not install any of it.</exception>
    public async Task<SkillInstallation> InstallAsync(
        string source, SkillInstallOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new SkillInstallOptions();
        CheckInstallation(source, options);
        CliConnection connection = await OpenAsync("skill add", cancellationToken).ConfigureAwait(false);
        List<string> arguments = ["skill", "add"];
        if (options.Name is string name)
        {
            arguments.Add($"--name={name}");
        }

        if (options.Target is string target)
        {
            arguments.Add($"--target={Path.GetFullPath(target)}");
        }

        if (options.Global)
        {
            arguments.Add("--global");
        }

        if (options.Overwrite)
        {
            arguments.Add("--overwrite");
        }

        arguments.AddRange(["--", source]);

        // It exits with 1 if one of several could not be installed.
        CliAnswer answer = await connection.RunAsync(arguments, cancellationToken, isAnswer: code => code == 1).ConfigureAwait(false);
        if (!answer.Exit.IsSuccess && !answer.Output.Contains('✗', StringComparison.Ordinal))
        {
            throw connection.Failure(arguments, answer);
        }

        return SkillInstallReader.Read(connection, arguments, answer.Output);
    }

    /// <summary>Removes the folder of a skill.</summary>
    /// <param name="name">The name of the skill.</param>
    /// <param name="target">The folder that contains it. The default is <c>.agents/skills</c> in the working directory.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <exception cref="AmpValidationException">The skill does not exist in that folder.</exception>
    /// <exception cref="AmpException">The CLI cannot be used, or it failed.</exception>
    public async Task RemoveAsync(string name, string? target = null, CancellationToken cancellationToken = default)
    {
        SkillCheck.Name(name);
        CliConnection connection = await OpenAsync("skill remove", cancellationToken).ConfigureAwait(false);
        List<string> arguments = ["skill", "remove"];
        if (target is not null)
        {
            arguments.Add($"--target={Path.GetFullPath(target)}");
        }

        arguments.AddRange(["--", name]);
        CliAnswer answer = await connection.RunAsync(arguments, cancellationToken, isAnswer: code => code == 1).ConfigureAwait(false);
        string said = connection.Shown(answer.Output + answer.StandardError);
        if (answer.Exit.IsSuccess && said.Contains($"✓ Removed {name}", StringComparison.Ordinal))
        {
            return;
        }

        throw said.Contains("not found", StringComparison.Ordinal)
            ? new AmpValidationException(
                $"There is no skill '{name}' in {target ?? "the working directory's .agents/skills"}.",
                "Name",
                "Use SkillClient.ListAsync to list the skills and their folders, and give the folder to SkillClient.RemoveAsync.",
                name)
            : connection.Unreadable(arguments, "is not known", said);
    }

    /// <summary>Checks the values of an installation before they are shown and before anything is started.</summary>
    /// <exception cref="AmpValidationException">A value cannot be used.</exception>
    public static void CheckInstallation(string source, SkillInstallOptions options)
    {
        SkillCheck.Source(source);
        if (options.Name is not null)
        {
            SkillCheck.Name(options.Name);
        }

        if (options.Global && options.Target is not null)
        {
            throw new AmpValidationException("Target and Global cannot be used together.", "Target", "Give one of them.");
        }
    }

    private async Task<CliConnection> OpenAsync(string command, CancellationToken cancellationToken)
    {
        CliConnection connection = await CliConnection.OpenAsync(_options, cancellationToken).ConfigureAwait(false);
        connection.Require(command, "Install another version of the CLI.");
        return connection;
    }

    private static AmpSkill Read(CliJson json, OrderedDictionary item)
    {
        string place = json.Text(item, "baseDir");
        bool isFile = place.StartsWith("file://", StringComparison.Ordinal);
        return new AmpSkill
        {
            Name = json.Text(item, "name"),
            Description = item["description"] as string ?? string.Empty,
            Path = isFile && Uri.TryCreate(place, UriKind.Absolute, out Uri? uri) ? uri.LocalPath : null,
            IsBuiltIn = !isFile,
        };
    }

    private static string Fault(object? fault) => TerminalText.Strip(fault switch
    {
        string text => text,
        OrderedDictionary fields => string.Join(": ", fields.Values.Cast<object?>().Where(value => value is not null)),
        _ => fault?.ToString() ?? string.Empty,
    });
}
