namespace Amp.Attack;

/// <summary>A folder of the attacks' own. In it are a project, whatever stands outside of the project, and folders for homes and temporary files.</summary>
internal sealed class AttackPlace : IDisposable
{
    public AttackPlace()
    {
        Root = Directory.CreateTempSubdirectory("amp-attack-").FullName;
        Project = Folder("project");
        Outside = Folder("outside");
        Home = Folder("home");
        Temporary = Folder("temp");
    }

    public string Root { get; }

    public string Project { get; }

    public string Outside { get; }

    public string Home { get; }

    public string Temporary { get; }

    public void Dispose()
    {
        try
        {
            Directory.Delete(Root, recursive: true);
        }
        catch (IOException)
        {
            // A process that is just ending may still write here; the system clears its temporary folder.
        }
    }

    private string Folder(string name) => Directory.CreateDirectory(Path.Combine(Root, name)).FullName;
}
