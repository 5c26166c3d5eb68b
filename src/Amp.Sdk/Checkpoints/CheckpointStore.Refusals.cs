using Amp.Files;
using Amp.Text;

namespace Amp.Checkpoints;

/// <content>The reasons not to restore a checkpoint.</content>
internal sealed partial class CheckpointStore
{
    private static AmpCheckpointException Conflict(AmpCheckpoint checkpoint, string message, string advice, string[] files) =>
        new(message, AmpErrorId.CheckpointConflict, advice) { CheckpointId = checkpoint.Id, Files = ReadableList<string>.Over(files) };

    // They may be different, and what a restore would replace cannot be kept.
    private static void RefuseUnreadable(AmpCheckpoint checkpoint, string[] unreadable)
    {
        if (unreadable.Length > 0)
        {
            throw Conflict(
                checkpoint,
                $"These files cannot be read or added by Git now, so checkpoint '{checkpoint.Id}' cannot restore them: {KeptState.Shown(unreadable)}. Nothing was restored.",
                "Make sure that you can read them. Or restore other files by their paths, or all others by force.",
                unreadable);
        }
    }

    // What is in them is not kept, so nothing in them can be replaced.
    private static void RefuseRepositories(AmpCheckpoint checkpoint, string[] repositories, TreeEntry[] entries)
    {
        PathSet nested = new(repositories);
        string[] blocked = [.. entries.Where(entry => entry.Mode is not null and not "160000" && nested.Holds(entry.Path)).Select(entry => entry.Path)];
        if (blocked.Length > 0)
        {
            throw Conflict(
                checkpoint,
                $"New nested repositories are in the place of these files, so checkpoint '{checkpoint.Id}' cannot restore them: {KeptState.Shown(blocked)}. Nothing was restored.",
                "Move the repositories to another folder, or restore other files by their paths.",
                blocked);
        }
    }

    // A misspelled path would look like a file that needs no restore.
    private void RefuseMissing(AmpCheckpoint checkpoint, string[] wanted, TreeEntry[] entries, PathSet unreadable)
    {
        HashSet<string> found = PathSet.WithFolders(entries.Select(entry => entry.Path));
        if (Array.Find(wanted, path => path is not "." && !found.Contains(path.TrimEnd('/')) && !unreadable.Holds(path) && !BoundedFile.IsThere(Path.Combine(Root, path))) is string missing)
        {
            throw new AmpValidationException(
                $"'{TerminalText.Name(missing)}' is neither in '{Root}' nor in checkpoint '{checkpoint.Id}'.",
                "Path",
                "Check the spelling. CheckpointClient.CompareAsync lists the files that are different.",
                missing);
        }
    }

    // Git would replace ignored files without a word (2.34 and later).
    private void RefuseObstacles(AmpCheckpoint checkpoint, TreeEntry[] entries)
    {
        HashSet<string> leaving = new(entries.Where(entry => entry.Mode is null).Select(entry => entry.Path), StringComparer.Ordinal);
        SortedSet<string> obstacles = new(StringComparer.Ordinal);
        foreach (TreeEntry entry in entries.Where(entry => entry is { Mode: not null, PreviousMode: null }))
        {
            // From the top down, up to what is no folder: nothing below a link is in the work tree.
            string place = Root;
            foreach (string name in entry.Path.Split('/'))
            {
                place = Path.Combine(place, name);
                if (!IsFolder(place))
                {
                    break;
                }
            }

            Look(place);
        }

        if (obstacles.Count > 0)
        {
            string[] files = [.. obstacles];
            throw Conflict(
                checkpoint,
                $"Files that checkpoint '{checkpoint.Id}' does not contain, such as ignored files, are in the way of its files: {KeptState.Shown(files)}. Nothing was restored.",
                "Move these files to another folder, or restore other files by their paths.",
                files);
        }

        void Look(string path)
        {
            string name = Path.GetRelativePath(Root, path).Replace(Path.DirectorySeparatorChar, '/');
            if (!IsFolder(path))
            {
                if (BoundedFile.IsThere(path) && !leaving.Contains(name))
                {
                    obstacles.Add(name);
                }

                return;
            }

            string[] inside;
            try
            {
                inside = Directory.GetFileSystemEntries(path);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                // What is in it is not known.
                obstacles.Add(name + "/");
                return;
            }

            Array.ForEach(inside, Look);
        }

        static bool IsFolder(string path) => new DirectoryInfo(path) is { Exists: true, LinkTarget: null };
    }
}
