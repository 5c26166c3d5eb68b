using System.Diagnostics;
using System.Runtime.Versioning;
using Amp.Cli;
using Amp.Files;
using Amp.Processes;

namespace Amp.Attack.Paths;

/// <summary>
/// Reads, looks for programs and sweeps in trees that somebody else has laid out: what is read is a regular file of limited size, what would be started
/// is not the project's, and what is removed is not elsewhere.
/// </summary>
internal sealed class PathAttack
{
    private const int ReadsOfTree = 8;
    private static readonly TimeSpan s_hangLimit = TimeSpan.FromMinutes(2);

    private readonly AttackRandom _random;
    private readonly PathTree _tree;
    private string _input = string.Empty;

    private PathAttack(AttackRandom random, string root)
    {
        _random = random;
        _tree = new PathTree(random, root);
    }

    private int Read { get; set; }

    private int Refused { get; set; }

    private int Found { get; set; }

    /// <summary>Attacks; the counts in a line.</summary>
    /// <exception cref="AttackFailureException">Something was read, found or removed that must not be.</exception>
    public static string Run(int seed, int first, int count)
    {
        if (!OperatingSystem.IsLinux())
        {
            return "paths: not attacked; links, pipes and devices are made as Linux has them";
        }

        Stopwatch watch = Stopwatch.StartNew();
        using AttackPlace place = new();
        int read = 0;
        int refused = 0;
        int found = 0;
        for (int number = first; number < first + count; number++)
        {
            string root = Path.Combine(place.Root, "tree");
            PathAttack attack = new(new AttackRandom(seed, number), root);
            try
            {
                if (!Task.Run(attack.Attack).Wait(s_hangLimit))
                {
                    throw new InvalidDataException("It did not come to an end.");
                }
            }
            catch (Exception exception)
            {
                Exception cause = exception.GetBaseException();
                throw new AttackFailureException("paths", seed, number, cause is InvalidDataException ? cause.Message : cause.ToString(), attack._input, exception);
            }

            Directory.Delete(root, recursive: true);
            read += attack.Read;
            refused += attack.Refused;
            found += attack.Found;
        }

        return $"paths: seed {seed}, {count} trees, {read} files read, {refused} refused, {found} programs found outside of the project, 0 inside, {watch.Elapsed.TotalSeconds:0} s";
    }

    [SupportedOSPlatform("linux")]
    private void Attack()
    {
        for (int i = 0; i < ReadsOfTree; i++)
        {
            ReadOne(_input = _tree.AnyPath(6));
        }

        FindProgram();
        Sweep();
    }

    private void ReadOne(string path)
    {
        string real = RealPath.Of(path);
        byte[] text;
        try
        {
            text = BoundedFile.Read(path, PathTree.Limit);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            Refused++;
            return;
        }

        Read++;
        if (PathTree.PlaceOf(text) is not string place)
        {
            throw new InvalidDataException($"{text.Length} bytes were read of what is no file.");
        }

        if (place != real)
        {
            throw new InvalidDataException($"It was read at '{place}', and taken for '{real}'.");
        }

        if (!BoundedFile.IsThere(path))
        {
            throw new InvalidDataException("It can be read, and was said not to be there.");
        }
    }

    private void FindProgram()
    {
        string[] entries = [.. Enumerable.Range(0, _random.Next(1, 5)).Select(_ => Entry())];
        string search = _input = string.Join(Path.PathSeparator, entries);
        Dictionary<string, string> environment = new()
        {
            ["PATH"] = search,
            ["HOME"] = _random.Next(6) switch { 0 => _tree.Root, 1 => _tree.Project, _ => Path.Combine(_tree.Root, "home") },
        };
        CliProgram program;
        try
        {
            program = new CliLocator(environment, _tree.WorkingDirectory).Find(null);
        }
        catch (AmpCliNotFoundException)
        {
            return;
        }

        // As the system opens it that starts it, and not as .NET writes its path.
        string? place = PathTree.PlaceOf(BoundedFile.Read(program.Path, PathTree.Limit));
        bool isOfTheUser = environment["HOME"] == _tree.Project;
        bool isForbidden = place is null || Path.GetDirectoryName(place) == _tree.WorkingDirectory
            || (place.StartsWith(_tree.Project + "/", StringComparison.Ordinal) && (!isOfTheUser || place[_tree.Project.Length..].Contains("/node_modules/", StringComparison.Ordinal)));
        if (isForbidden)
        {
            throw new InvalidDataException($"'{place}' of the project would be started, as '{program.Path}'.");
        }

        Found++;
    }

    private string Entry() => _random.Next(8) switch
    {
        0 => _random.Pick((string[])[".", "", "bin", "./node_modules/.bin", "~", "\"" + _tree.Project + "\""]),
        1 => Path.GetRelativePath(Environment.CurrentDirectory, _tree.AnyPath(2)),
        _ => _tree.AnyPath(5),
    };

    [SupportedOSPlatform("linux")]
    private void Sweep()
    {
        string temporary = Directory.CreateDirectory(Path.Combine(_tree.Root, "temp")).FullName;
        ProcessIdentity own = ProcessIdentity.Current;
        ProcessIdentity gone = own with { Start = own.Start - 1 };
        List<string> kept = [];
        for (int i = 0; i < _random.Next(1, 5); i++)
        {
            bool isGone = !_random.IsOneIn(4);
            string path = Path.Combine(temporary, $"amp-sdk-{(isGone ? gone : own).ToString('-')}-{_random.Next(1000)}{_random.Pick((string[])["", "x", "\n", " "])}");
            if (!Path.Exists(path) && !Plant(path, isGone))
            {
                kept.Add(path);
            }
        }

        _input = string.Join(", ", Directory.EnumerateFileSystemEntries(temporary));
        string elsewhere = FolderPrint.Of(_tree.Project, _tree.Outside);
        PrivateFolder.SweepLeftovers(temporary);
        if (FolderPrint.Of(_tree.Project, _tree.Outside) != elsewhere)
        {
            throw new InvalidDataException("The sweep has changed what is elsewhere.");
        }

        if (kept.Find(path => !Path.Exists(path)) is string removed)
        {
            throw new InvalidDataException($"The sweep has removed '{removed}', which is no leftover.");
        }
    }

    // Whether it may be removed.
    [SupportedOSPlatform("linux")]
    private bool Plant(string path, bool isGone)
    {
        const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        switch (_random.Next(5))
        {
            case 0:
                File.CreateSymbolicLink(path, _random.IsOneIn(2) ? _tree.Outside : _tree.Project);
                return false;
            case 1:
                File.WriteAllText(path, string.Empty);
                return false;
            case 2:
                Directory.CreateDirectory(path, Private | UnixFileMode.GroupRead | UnixFileMode.GroupExecute);
                File.CreateSymbolicLink(Path.Combine(path, "link"), _tree.Outside);
                return false;
            default:
                Directory.CreateDirectory(path, Private);
                File.WriteAllText(Path.Combine(path, "settings.json"), "{}");
                File.CreateSymbolicLink(Path.Combine(path, "link"), _random.IsOneIn(2) ? _tree.Outside : "..");
                Directory.CreateDirectory(Path.Combine(path, "deep", "deeper"));
                File.CreateSymbolicLink(Path.Combine(path, "deep", "deeper", "up"), _tree.Root);
                return isGone;
        }
    }
}
