using System.Collections.Specialized;
using Amp.Cli;
using Amp.Clients.Skills;

namespace Amp;

/// <summary>Lists, installs and removes skills of the agent.</summary>
public sealed class SkillClient
{
    private readonly CliOptions? _options;

    /// <summary>Makes a client; nothing is started yet.</summary>
    public SkillClient(CliOptions? options = null) => _options = options;

    /// <summary>The skills that the agent would have in the working directory. The build of 2026-01-08 leaves out those of the user.</summary>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="AmpException">The CLI cannot be used, or gives an answer that is not known.</exception>
    public async Task<SkillList> ListAsync(CancellationToken cancellationToken = default)
    {
        CliConnection connection = await OpenAsync("skill list", cancellationToken).ConfigureAwait(false);
        string[] arguments = ["skill", "list", "--json"];
        CliAnswer answer = await connection.RunAsync(arguments, cancellationToken).ConfigureAwait(false);
        CliJson json = new(connection, arguments);

        // A bare list on 2026-01-08; with what could not be read beside it from 2026-01-26 on.
        object value = json.Value(answer.Output);
        OrderedDictionary? whole = value as OrderedDictionary;
        return new SkillList(
            [.. json.Items(whole is null ? value : whole["skills"], answer.Output).Select(item => Read(json, item))],
            [.. (whole?["errors"] as object?[] ?? []).Select(Fault)]);
    }

    /// <summary>
    /// The names of the folders in which the CLI would look for skills of the working directory and of the user (as it did on
    /// 0.0.1774310664), and which hold one: for offering them to somebody who types. No CLI is asked and nothing is an error.
    /// </summary>
    public IReadOnlyList<string> FindNames() => SkillFolders.Names(_options);

    /// <summary>Installs the skills of a source.</summary>
    /// <param name="source">A folder, <c>owner/repository</c> with an optional path, or the URL of a Git repository.</param>
    /// <param name="options">Where to, and under which name.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>What is installed now, and what is wrong with the others.</returns>
    /// <exception cref="AmpException">The source cannot be used, or nothing of it could be installed for a reason of the CLI's own.</exception>
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

        // It exits with 1 when one of several could not be installed.
        CliAnswer answer = await connection.RunAsync(arguments, cancellationToken, isAnswer: code => code == 1).ConfigureAwait(false);
        if (!answer.Exit.IsSuccess && !answer.Output.Contains('✗', StringComparison.Ordinal))
        {
            throw connection.Failure(arguments, answer);
        }

        return SkillInstallReader.Read(connection, arguments, answer.Output);
    }

    /// <summary>Removes a skill's folder.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="target">The folder of skills that it is in; by default that of the working directory.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="AmpValidationException">There is no such skill in that folder.</exception>
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
                "Run Get-AmpSkill to list the skills and their folders, and pipe one of them to Uninstall-AmpSkill.",
                name)
            : connection.Unreadable(arguments, "is not known", said);
    }

    /// <summary>Checks what an installation is given, before anybody is shown it or anything is started.</summary>
    /// <exception cref="AmpValidationException">Something in it cannot be used.</exception>
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
