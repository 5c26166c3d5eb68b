using Amp.Files;

namespace Amp.Schedules;

/// <summary>Changes several files, and can undo all of that.</summary>
internal sealed class FolderChange
{
    private readonly Stack<Action> _undo = new();

    /// <summary>Creates a folder and its parents.</summary>
    /// <param name="path">The full path.</param>
    /// <param name="isPrivate">Whether only the user can access the folder itself.</param>
    public void MakeFolder(string path, bool isPrivate)
    {
        if (Directory.Exists(path))
        {
            return;
        }

        if (Path.GetDirectoryName(path) is string parent)
        {
            MakeFolder(parent, isPrivate: false);
        }

        if (isPrivate)
        {
            OwnFolder.Make(path);
        }
        else
        {
            Directory.CreateDirectory(path);
        }

        _undo.Push(() =>
        {
            if (!Directory.EnumerateFileSystemEntries(path).Any())
            {
                Directory.Delete(path);
            }
        });
    }

    /// <summary>Writes a file.</summary>
    public void Write(string path, byte[] content, UnixFileMode? mode)
    {
        Remember(path, mode);
        WholeFile.Write(path, content, mode);
    }

    /// <summary>Deletes a file, if it exists.</summary>
    public void Delete(string path)
    {
        if (File.Exists(path))
        {
            Remember(path, WholeFile.OwnerOnly);
            File.Delete(path);
        }
    }

    /// <summary>Keeps what was changed.</summary>
    public void Keep() => _undo.Clear();

    /// <summary>Restores what was changed and is not kept, the last change first.</summary>
    public void Undo()
    {
        while (_undo.TryPop(out Action? step))
        {
            try
            {
                step();
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                // The caller gets the earlier error.
            }
        }
    }

    private void Remember(string path, UnixFileMode? mode)
    {
        byte[]? before = BoundedFile.IsThere(path) ? BoundedFile.Read(path) : null;
        _undo.Push(before is null ? () => File.Delete(path) : () => WholeFile.Write(path, before, mode));
    }
}
