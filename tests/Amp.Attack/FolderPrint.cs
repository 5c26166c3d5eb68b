using System.Text;

namespace Amp.Attack;

/// <summary>What is in folders, for finding out whether something has changed: names, kinds, lengths, times and where links lead.</summary>
internal static class FolderPrint
{
    public static string Of(params string[] folders)
    {
        StringBuilder print = new();
        foreach (string folder in folders)
        {
            Add(print, new DirectoryInfo(folder));
        }

        return print.ToString();
    }

    private static void Add(StringBuilder print, DirectoryInfo folder)
    {
        foreach (FileSystemInfo entry in folder.EnumerateFileSystemInfos().OrderBy(entry => entry.Name, StringComparer.Ordinal))
        {
            print.Append(entry.FullName).Append(' ').Append(entry.LinkTarget);
            if (entry is FileInfo file && entry.LinkTarget is null)
            {
                print.Append(file.Length).Append(' ').Append(file.LastWriteTimeUtc.Ticks);
            }

            print.Append('\n');
            if (entry is DirectoryInfo below && entry.LinkTarget is null)
            {
                Add(print, below);
            }
        }
    }
}
