using System.Text.Encodings.Web;
using System.Text.Json;

namespace Amp.LocalService.Threads;

/// <summary>Keeps threads as JSON files of a folder, one a thread.</summary>
internal sealed class ThreadFiles
{
    private static readonly JsonSerializerOptions s_options = new(JsonSerializerDefaults.Web)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        WriteIndented = true,
    };

    private readonly string _folder;

    public ThreadFiles(string folder)
    {
        _folder = Path.GetFullPath(folder);
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(_folder);
        }
        else
        {
            Directory.CreateDirectory(_folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    /// <summary>The threads of the folder; a file that holds none is left alone.</summary>
    public IEnumerable<StoredThread> Load()
    {
        foreach (string file in Directory.EnumerateFiles(_folder, "T-*.json"))
        {
            StoredThread? thread = null;
            try
            {
                thread = JsonSerializer.Deserialize<StoredThread>(File.ReadAllText(file), s_options);
            }
            catch (JsonException)
            {
            }

            if (thread is not null && ThreadId.IsValid(thread.Id))
            {
                yield return thread;
            }
        }
    }

    public void Save(StoredThread thread)
    {
        // A reader, or a service started next, must never see half a file.
        string file = FileOf(thread.Id);
        string temporary = file + ".new";
        File.WriteAllText(temporary, JsonSerializer.Serialize(thread, s_options));
        File.Move(temporary, file, overwrite: true);
    }

    public void Delete(string id) => File.Delete(FileOf(id));

    private string FileOf(string id) => Path.Combine(_folder, id + ".json");
}
