using System.Text;
using Amp.Plans;
using Amp.Services;

namespace Amp.Attack.Settings;

/// <summary>One pair of files.</summary>
internal sealed class SettingsCase : IDisposable
{
    private static readonly string[] s_tools = ["Bash", "create_file", "Read", "mcp__git__push", "tb__deploy", "Other"];

    private readonly AttackRandom _random;
    private readonly SettingsPlace _place;
    private readonly SettingsText _text;
    private readonly byte[]? _user;
    private readonly byte[]? _project;
    private readonly bool _isUserReadable = true;
    private readonly bool _isProjectReadable = true;
    private readonly bool _isWhole = true;
    private readonly AmpOptions _options;
    private ReadOnlyMemory<byte>? _content;

    public SettingsCase(AttackRandom random, string root)
    {
        _random = random;
        _place = new SettingsPlace(random, root);
        _text = new SettingsText(random);
        _place.Clear();
        if (!random.IsOneIn(10))
        {
            _user = Written(_text.OfUser(), ref _isWhole);
            _isUserReadable = _place.PlantUser(_user);
        }
        else
        {
            _place.Environment["HOME"] = _place.Home;
        }

        if (!random.IsOneIn(5))
        {
            _project = Written(_text.OfProject(), ref _isWhole);
            _isProjectReadable = _place.PlantProject(_project);
        }

        _options = new AmpOptions
        {
            Permissions = random.Next(4) switch
            {
                0 => [new AmpPermission(random.Pick((string[])["Bash", "*", "Read", "Ba*"]), random.Pick((PermissionAction[])[PermissionAction.Allow, PermissionAction.Reject, PermissionAction.Ask]))],
                1 => [new AmpPermission("Bash", PermissionAction.Allow), new AmpPermission("create_file", PermissionAction.Reject)],
                _ => null,
            },
            DangerouslyAllowAll = random.IsOneIn(4),
        };
    }

    public int HeldRejects { get; private set; }

    public string Shown => $"user: {Text(_user)}\nproject: {Text(_project)}\ncall: {string.Join(", ", (_options.Permissions ?? []).Select(rule => $"{rule.Tool} {rule.Action}"))}{(_options.DangerouslyAllowAll ? " allow all" : "")}";

    /// <summary>Whether a run would be started with them.</summary>
    /// <exception cref="InvalidDataException">A reject is lost, what cannot be read is taken, or what lifts nothing is refused.</exception>
    public bool IsTaken()
    {
        SettingsModel user = Model(_user, _isUserReadable);
        SettingsModel project = Model(_project, _isProjectReadable);
        _ = SettingsOverview.Read(new CliOptions { WorkingDirectory = _place.WorkingDirectory, Environment = _place.Environment.ToDictionary(pair => pair.Key, pair => (string?)pair.Value) });
        RunSettings settings;
        try
        {
            RunContribution contribution = Contribution();
            StandingSettings standing = StandingSettings.Read(_options, _place.WorkingDirectory, _place.Environment);
            standing.RefuseOverruled((_options.Permissions ?? []).Where(RunSettings.MayReject).Select(rule => rule.Tool), [], contribution.Approver is not null, _options.EnabledTools);
            settings = new RunSettings(_options, standing, [], _place.WorkingDirectory, contribution, cli: null);
            _content = settings.Content(contribution);
        }
        catch (AmpValidationException exception)
        {
            bool mayBeRefused = !_isWhole || !_isUserReadable || !_isProjectReadable || project.AllowAll || project.Rules.Any(rule => rule.Action != "reject");
            return mayBeRefused ? false : throw new InvalidDataException($"What lifts nothing was refused: {exception.Message}");
        }

        if (!_isUserReadable || !_isProjectReadable)
        {
            throw new InvalidDataException("What cannot be read was taken.");
        }

        SettingsModel merged = _content is ReadOnlyMemory<byte> content ? SettingsModel.Of(content.ToArray()) : user;
        foreach (string tool in s_tools)
        {
            Check(tool, settings, user, project, merged);
        }

        CheckLater(settings, user, project);
        return true;
    }

    public void Dispose() => _place.Clear();

    private static string Text(byte[]? text) => text is null ? "none" : Encoding.UTF8.GetString(text.AsSpan(0, Math.Min(text.Length, 1500)));

    private static SettingsModel Model(byte[]? text, bool isReadable) => text is null || !isReadable ? SettingsModel.Empty : SettingsModel.Of(text);

    // What a file holds: as it was made, or damaged, after which nothing more is known of it.
    private byte[] Written(byte[] text, ref bool isWhole)
    {
        bool isDamaged = _random.IsOneIn(4);
        isWhole &= !_text.IsOdd && !isDamaged;
        return isDamaged ? _text.Damaged(text) : text;
    }

    private RunContribution Contribution() => _random.IsOneIn(3)
        ? new RunContribution { Approver = "/private/approve" }
        : _random.IsOneIn(3) ? new RunContribution { LongestCall = TimeSpan.FromSeconds(1) } : RunContribution.Nothing;

    private bool CallRejects(string tool) => (_options.Permissions ?? []).FirstOrDefault(rule => new RuleModel(rule.Tool, string.Empty).IsAbout(tool)) is { Action: PermissionAction.Reject };

    private void Check(string tool, RunSettings settings, SettingsModel user, SettingsModel project, SettingsModel merged)
    {
        bool isUsers = user.DecisionOn(tool) == "reject";
        if (!isUsers && !CallRejects(tool))
        {
            return;
        }

        if (project.Lifts(tool))
        {
            throw new InvalidDataException($"The project lifts the reject of {tool}, and the run would be started.");
        }

        // Who lets everything through in his own settings has lifted his own rejects.
        bool isOwnWill = user.AllowAll && !CallRejects(tool) && _content is null;
        if (isOwnWill || (user.AllowAll && !CallRejects(tool) && merged.AllowAll))
        {
            return;
        }

        if (merged.DecisionOn(tool) != "reject" || merged.AllowAll || settings.PassAllowAll)
        {
            throw new InvalidDataException($"The reject of {tool} is lost: {(settings.PassAllowAll ? "the CLI gets the flag" : Encoding.UTF8.GetString((_content ?? default).Span))}");
        }

        HeldRejects++;
    }

    // The agent writes the project's settings anew while it runs.
    private void CheckLater(RunSettings settings, SettingsModel user, SettingsModel project)
    {
        string[] rejected = [.. s_tools.Where(tool => user.DecisionOn(tool) == "reject" || CallRejects(tool))];
        if (rejected.Length == 0 || project.Rules.Count > 0 || _place.ProjectFile.Length == 0)
        {
            return;
        }

        byte[] later = _random.IsOneIn(3) ? _text.Damaged(_text.OfProject()) : _text.OfProject();
        File.Delete(Path.ChangeExtension(_place.ProjectFile, ".jsonc"));
        File.Delete(_place.ProjectFile);
        File.WriteAllBytes(_place.ProjectFile, later);
        SettingsModel lifting = SettingsModel.Of(later);
        if (rejected.Any(lifting.Lifts) && settings.Held.Loosened([], isEnd: true) is null)
        {
            throw new InvalidDataException($"The project lifts rejects during the run, and nobody sees it: {Text(later)}");
        }
    }
}
