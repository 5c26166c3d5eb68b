#Requires -Version 7.4

# PowerShell's conventions, over all cmdlets. What rightly keeps to none of them stands here with the reason.

BeforeDiscovery {
    Import-Module (Join-Path $PSScriptRoot 'Amp.TestSupport.psm1')
    Import-Module (Get-AmpTestLayout).Module
    $commands = Get-Command -Module Amp | ForEach-Object { @{ Name = $_.Name } }
    $noAnalyzer = (Get-Module -ListAvailable PSScriptAnalyzer) ? '' : ' (not run: PSScriptAnalyzer is not installed)'
    if ($noAnalyzer) {
        Write-Warning 'PSScriptAnalyzer is not installed: the scripts are not analyzed.'
    }
}

BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Amp.TestSupport.psm1')
    $layout = Get-AmpTestLayout
    Import-Module $layout.Module
    $common = [System.Management.Automation.Cmdlet]::CommonParameters + [System.Management.Automation.Cmdlet]::OptionalCommonParameters

    $help = [xml] (Get-Content -Raw -LiteralPath (Join-Path (Split-Path $layout.Module) 'en-US/Amp.PowerShell.dll-Help.xml'))

    function Get-OwnParameter([System.Management.Automation.CommandInfo] $Command) {
        $Command.Parameters.Values | Where-Object Name -NotIn $common
    }

    function Test-Parameter([System.Management.Automation.ParameterMetadata] $Parameter, [string] $Fact) {
        [bool] $Parameter.ParameterSets.Values.Where{ $_.$Fact }
    }

    # Every parameter as 'Verb-Noun -Parameter'.
    $all = Get-Command -Module Amp | ForEach-Object {
        $command = $_
        Get-OwnParameter $command | ForEach-Object { [pscustomobject] @{ Command = $command; Name = $_.Name; Is = "$($command.Name) -$($_.Name)"; Parameter = $_ } }
    }

    # Fails with those that break a rule and are no exception, and with exceptions that have become none.
    function Confirm-Rule([object[]] $Breaking, [System.Collections.IDictionary] $Exception, [string] $Rule) {
        $Breaking | Where-Object { $_ -notin $Exception.Keys } | Should -BeNullOrEmpty -Because $Rule
        $Exception.Keys | Where-Object { $_ -notin $Breaking } | Should -BeNullOrEmpty -Because 'an exception that is none any more is taken off the list'
    }
}

Describe 'The cmdlet <Name>' -ForEach $commands {
    BeforeAll {
        $command = Get-Command $Name
        $attribute = $command.ImplementingType.GetCustomAttributes([System.Management.Automation.CmdletAttribute], $true)[0]
        $own = Get-OwnParameter $command
        # They show or make an object; the others have an agent work, or change the account, files or settings.
        # A replay changes only what answers in this session.
        $changes = ($command.Verb -notin 'Compare', 'Get', 'Find', 'Test', 'New', 'Receive', 'Import', 'Measure', 'Use' -and $Name -ne 'Stop-AmpReplay') -or $Name -in 'New-AmpBudget', 'New-AmpSession', 'New-AmpThread', 'New-AmpTool'
    }

    It 'has an approved verb and a singular noun with the prefix' {
        $command.Verb | Should -BeIn (Get-Verb).Verb
        $command.Noun | Should -MatchExactly '^Amp[A-Z]\w*([^s]|ss)$|^Amp\w*Usage$'
    }

    It 'has parameters in singular and Pascal case' {
        $own | ForEach-Object { $_.Name | Should -MatchExactly '^[A-Z][A-Za-z]*$' }
        # Names of the CLI's own options, a unit, and a parameter of Invoke-Command.
        $own.Name | Where-Object { $_ -cmatch '[^s]s$' -and $_ -notin 'As', 'Fails', 'MaxLineBytes', 'NoJetBrains', 'NoNotifications', 'Options', 'Skills', 'Times' } | Should -BeNullOrEmpty
    }

    It 'says what it writes' {
        $command.OutputType | Should -Not -BeNullOrEmpty
        $command.OutputType.Type | Should -Not -Contain $null
        if ($command.OutputType.Type -contains [void]) {
            $command.OutputType.Count | Should -Be 1
            $command.Parameters.Keys | Should -Not -Contain 'PassThru'
        }
    }

    It 'asks before it changes something, and only then' {
        $attribute.SupportsShouldProcess | Should -Be $changes
        $command.Parameters.ContainsKey('WhatIf') | Should -Be $changes
        $expected = switch ($Name) {
            # What is deleted there cannot be brought back.
            { $_ -in 'Remove-AmpThread', 'Uninstall-AmpSkill' } { 'High' }
            default { $changes ? 'Medium' : 'None' }
        }
        "$($attribute.ConfirmImpact)" | Should -Be $expected
    }

    It 'has parameter sets that can be told apart, one of which is the default' {
        if ($command.ParameterSets.Count -gt 1) {
            $command.DefaultParameterSet | Should -BeIn $command.ParameterSets.Name
        }

        $mandatory = foreach ($set in $command.ParameterSets) {
            ($set.Parameters | Where-Object IsMandatory | ForEach-Object Name | Sort-Object) -join ' '
        }
        $mandatory | Group-Object | Where-Object Count -GT 1 | ForEach-Object Name | Should -BeNullOrEmpty
        foreach ($set in $command.ParameterSets) {
            # From 0 on without a gap, those that have to be given first, and no two objects by value.
            $positions = @($set.Parameters | Where-Object Position -GE 0 | Sort-Object Position)
            $positions.Position | Should -Be @(0..($positions.Count - 1) | Select-Object -First $positions.Count)
            $positions.Count | Should -BeLessOrEqual 3
            $positions.Where({ -not $_.IsMandatory }, 'SkipUntil') | Where-Object IsMandatory | Should -BeNullOrEmpty
            # A hidden one only looks at what another one takes.
            @($set.Parameters | Where-Object { $_.ValueFromPipeline -and -not $_.Attributes.Where{ $_ -is [Parameter] -and $_.DontShow } }).Count | Should -BeLessOrEqual 1
            $positions | Where-Object { $_.ParameterType -eq [switch] } | Should -BeNullOrEmpty
        }
    }

    It 'shadows no common parameter and has each name once' {
        $short = [System.Management.Automation.Cmdlet]::CommonParameters + 'vb', 'db', 'ea', 'wa', 'infa', 'ev', 'wv', 'iv', 'ov', 'ob', 'pv', 'proga', 'wi', 'cf'
        $names = @($own.Name) + @($own | ForEach-Object { $_.Aliases })
        $names | Where-Object { $_ -in $short -and $_ -notin 'WhatIf', 'Confirm' } | Should -BeNullOrEmpty
        $names | Group-Object | Where-Object Count -GT 1 | Should -BeNullOrEmpty
    }

    It 'has a help message for every parameter' {
        $described = $help.helpItems.command | Where-Object { $_.details.name -eq $Name } | ForEach-Object { $_.parameters.parameter }
        foreach ($parameter in $own | Where-Object { -not $_.Attributes.Where{ $_ -is [Parameter] -and $_.DontShow } }) {
            ($described | Where-Object name -EQ $parameter.Name).description.para -join ' ' | Should -Match '\w.*[.:]' -Because $parameter.Name
        }
    }
}

Describe 'All cmdlets' {
    It 'take what identifies an object from the pipeline, by the property''s name' {
        $breaking = $all | Where-Object { $_.Name -in 'Id', 'Name', 'ThreadId', 'Tool' -and -not (Test-Parameter $_.Parameter ValueFromPipelineByPropertyName) }
        Confirm-Rule $breaking.Is @{
            'Invoke-AmpAgent -ThreadId' = 'A thread is taken by the pipeline as a whole; other objects that are piped in are what the prompt is about.'
            'Invoke-AmpAgent -Tool' = 'It says what the agent may call, and identifies nothing.'
            'New-AmpSession -ThreadId' = 'Nothing is piped into what makes one session.'
            'New-AmpSession -Tool' = 'It says what the agent may call, and identifies nothing.'
            'New-AmpSession -Name' = 'It names what is made.'
            'New-AmpMcpServer -Name' = 'It names what is made.'
            'Register-AmpSchedule -Name' = 'It names what is made.'
            'New-AmpTool -Name' = 'It names what is made; a piped command has a name that is often no tool''s.'
            'Install-AmpSkill -Name' = 'It names what is made; a piped folder has a name of its own.'
            'Get-AmpSession -Id' = 'A piped session has a name too, and only one of the two can be asked for.'
            'Remove-AmpSession -Id' = 'A piped session is taken as a whole.'
            'Remove-AmpSession -Name' = 'A piped session is taken as a whole.'
        } 'identifying parameters bind by property name'
    }

    It 'take wildcards where a name filters what is listed' {
        $breaking = $all | Where-Object { $_.Command.Verb -eq 'Get' -and $_.Name -in 'Name', 'Tool' -and -not $_.Parameter.Attributes.Where{ $_ -is [SupportsWildcards] } }
        Confirm-Rule $breaking.Is @{} 'names of Get- are filters'
        ($all | Where-Object { $_.Parameter.Attributes.Where{ $_ -is [SupportsWildcards] } }).Is | Sort-Object | Should -Be @(
            'Compare-AmpCheckpoint -Path', 'Export-AmpReport -Path', 'Export-AmpReport -TranscriptPath', 'Export-AmpThread -Path', 'Export-AmpThreadMarkdown -Path', 'Get-AmpMcpServer -Name', 'Get-AmpPermission -Tool', 'Get-AmpSchedule -Name', 'Get-AmpSession -Name', 'Get-AmpSkill -Name', 'Get-AmpTool -Name', 'Import-AmpTranscript -Path', 'Invoke-AmpAgent -Image', 'New-AmpMock -Prompt', 'New-AmpTool -AllowedCommand', 'New-AmpUserMessage -Image', 'Remove-AmpSession -Name', 'Restore-AmpCheckpoint -Path', 'Send-AmpMessage -Image', 'Use-AmpReplay -Path')
    }

    It 'take paths with every character as it is, by -LiteralPath or a name that says what lies there' {
        # Paths by other names are never patterns: they are looked at in 'A path with brackets'.
        $breaking = $all | Where-Object { $_.Name -eq 'Path' -and -not $_.Command.Parameters.ContainsKey('LiteralPath') }
        Confirm-Rule $breaking.Is @{
            'Install-AmpCli -Path' = 'It is a folder that is made: no wildcard means one. -LiteralPath is an alias.'
            'New-AmpPermission -Path' = 'It is a pattern of the rule and no file of this system.'
        } '-Path has -LiteralPath beside it'
        (Get-Command Install-AmpCli).Parameters.Path.Aliases | Should -Contain 'LiteralPath'
        foreach ($literal in $all | Where-Object Name -EQ LiteralPath) {
            $literal.Parameter.Aliases | Should -Be 'PSPath', 'LP' -Because $literal.Is
            $literal.Parameter.Attributes.Where{ $_ -is [SupportsWildcards] } | Should -BeNullOrEmpty -Because $literal.Is
        }
    }

    It 'can pass on what they have changed where they write nothing else' {
        $silent = Get-Command -Module Amp | Where-Object { $_.Parameters.ContainsKey('WhatIf') -and $_.OutputType.Type -contains [void] }
        Confirm-Rule $silent.Name @{
            'Remove-AmpCheckpoint' = 'What is removed is there no more.'
            'Remove-AmpMcpServer' = 'What is removed is there no more.'
            'Remove-AmpThread' = 'What is removed is there no more.'
            'Uninstall-AmpSkill' = 'What is removed is there no more.'
            'Unregister-AmpSchedule' = 'What is removed is there no more.'
        } 'what changes something and writes nothing has -PassThru'
        ($all | Where-Object Name -EQ PassThru).Parameter.ParameterType | Select-Object -Unique | Should -Be ([switch])
    }

    It 'mean one thing by one name, of one type' {
        $breaking = $all | Group-Object Name | Where-Object {
            @($_.Group.Parameter.ParameterType | ForEach-Object { [System.Nullable]::GetUnderlyingType($_) ?? $_ } |
                ForEach-Object { $_.IsArray ? $_.GetElementType() : $_ } | Select-Object -Unique).Count -gt 1
        }
        Confirm-Rule $breaking.Name @{
            Command = 'A program''s name for a server; a command of PowerShell''s for a tool.'
            Id = 'A number for processes and sessions, which live as long as a computer or a shell; a text for checkpoints, which are copied along with a repository.'
            McpServer = 'Add-AmpMcpServer converts servers itself: it adds all or none, and PowerShell leaves out a piped object that does not bind.'
            Message = 'What is said to the agent; what a rule tells the model.'
            Permission = 'Add-AmpPermission converts rules itself, for the same reason.'
            Tool = 'Commands of PowerShell''s for a run; the names of tools for a rule.'
        } 'a name has one type'

        # Several where each is dealt with by itself, one where it is one by its nature.
        $singular = $all | Where-Object { $_.Name -in 'ThreadId', 'Id', 'Tool', 'Session' -and -not $_.Parameter.ParameterType.IsArray }
        Confirm-Rule $singular.Is @{
            'Compare-AmpCheckpoint -Id' = 'Differences do not say from which checkpoint they are; several are piped in.'
            'Restore-AmpCheckpoint -Id' = 'A folder has one state.'
            'Invoke-AmpAgent -ThreadId' = 'A run has one thread.'
            'New-AmpSession -ThreadId' = 'A session has one thread.'
            'Receive-AmpMessage -Session' = 'One answer is written at a time; several are piped in.'
            'Send-AmpMessage -Session' = 'A message goes to one session.'
            'Stop-AmpTurn -Session' = 'Several are piped in.'
        } 'what may be several takes several'
    }

    It 'have the same other name for the same parameter' {
        $aliases = $all | Where-Object { $_.Parameter.Aliases } | Group-Object Name | Where-Object {
            @($_.Group | ForEach-Object { $_.Parameter.Aliases -join ' ' } | Select-Object -Unique).Count -gt 1
        }
        Confirm-Rule $aliases.Name @{
            WorkingDirectory = 'A piped checkpoint has its folder in Folder.'
            Argument = '-Input is what a message calls the arguments of a call that is asked about; -ArgumentList is what one types.'
        } 'aliases are the same'
        foreach ($parameter in $all | Where-Object Name -EQ WorkingDirectory) {
            $parameter.Parameter.Aliases | Should -Contain 'Cwd' -Because $parameter.Is
        }
    }

    It 'have units in names, and limits from 0 on' {
        foreach ($time in $all | Where-Object Name -Like '*TimeoutSec') {
            # As those of PowerShell's own cmdlets since 7.4, with fractions. The attribute refuses what is less than 0, and null.
            $time.Parameter.ParameterType | Should -Be ([double]) -Because $time.Is
            $time.Parameter.Attributes.TypeId.Name | Should -Contain 'SecondsAttribute' -Because $time.Is
        }
    }

    It 'that work with the CLI are told where it is, and whose it is, in the same way' {
        $expected = 'ApiKey', 'CliPath', 'Environment', 'SettingsFile', 'TimeoutSec', 'WorkingDirectory'
        foreach ($command in Get-Command -Module Amp | Where-Object { $_.Parameters.ContainsKey('SettingsFile') }) {
            $expected | Where-Object { -not $command.Parameters.ContainsKey($_) } | Should -BeNullOrEmpty -Because $command.Name
        }
    }
}

Describe 'What is said of parameters' {
    BeforeAll {
        $place = Open-AmpTestPlace
        $call = Get-AmpFakeCall $place 'echo'
        $only = @{ CliPath = $call.CliPath; Environment = $call.Environment }
    }

    AfterAll {
        Get-AmpSession | Remove-AmpSession
        Close-AmpTestPlace $place
    }

    It 'is so: wildcards filter sessions, and names in full find one' {
        $null = New-AmpSession 'first one' @call
        $null = New-AmpSession 'second one' @call
        (Get-AmpSession '*ONE').Name | Should -Be 'first one', 'second one'
        (Get-AmpSession 'f*', 'second one').Name | Should -Be 'first one', 'second one'
        Get-AmpSession 'x*' | Should -BeNullOrEmpty
        ([pscustomobject] @{ Name = 's*' } | Get-AmpSession).Name | Should -Be 'second one'
        Remove-AmpSession -Name 'f*'
        (Get-AmpSession).Name | Should -Be 'second one'
    }

    It 'is so: a path with brackets is that path' {
        $folder = Join-Path $place.Project 'a[1]b'
        $null = New-Item -ItemType Directory $folder
        $settings = Join-Path $folder 's[2].json'
        Set-Content -LiteralPath $settings -Value '{}'
        $messages = Invoke-AmpAgent 'go' @only -WorkingDirectory $folder -SettingsFile $settings
        $messages[-1].Type | Should -Be 'result'
        @(Get-AmpFakeRecord $place -Kind Run)[-1].workingDirectory | Should -BeLike '*a`[1`]b'
        { Invoke-AmpAgent 'go' @only -WorkingDirectory (Join-Path $place.Project 'a?1?b') } | Should -Throw -ErrorId 'InvalidOption,*'
    }

    It 'is so: brackets that the Tab key has escaped are those of the name' {
        $folder = (New-Item -ItemType Directory (Join-Path $place.Project 'reports')).FullName
        $result = Invoke-AmpAgent 'go' @call -ResultOnly
        $result | Export-AmpReport (Join-Path $folder 'report`[1`].html')
        (Get-ChildItem -LiteralPath $folder).Name | Should -Be 'report[1].html'
        $result | Export-AmpReport -LiteralPath (Join-Path $folder 'report`[2`].html')
        (Get-ChildItem -LiteralPath $folder).Name | Should -Contain 'report`[2`].html'
    }

    It 'is so: what is written is of the types that are named' {
        $session = Get-AmpSession 'second*'
        $written = @{
            'Invoke-AmpAgent' = { Invoke-AmpAgent 'go' @call }
            'New-AmpUserMessage' = { New-AmpUserMessage 'go' }
            'New-AmpPermission' = { New-AmpPermission -ReadOnly }
            'New-AmpMcpServer' = { New-AmpMcpServer a b; New-AmpMcpServer c -Url https://h.example/ }
            'New-AmpTool' = { New-AmpTool stock { 1 } }
            'Get-AmpCli' = { Get-AmpCli @only }
            'Get-AmpSession' = { Get-AmpSession }
            'Send-AmpMessage' = { Send-AmpMessage $session 'hello' }
            'Get-AmpProcess' = { Get-AmpProcess -Own }
            'Stop-AmpTurn' = { Stop-AmpTurn $session -PassThru }
            'Receive-AmpMessage' = { Send-AmpMessage $session 'more' -NoWait; Receive-AmpMessage $session -Wait }
            'Remove-AmpSession' = { Remove-AmpSession $session }
        }
        foreach ($name in 'Invoke-AmpAgent', 'New-AmpUserMessage', 'New-AmpPermission', 'New-AmpMcpServer', 'New-AmpTool', 'Get-AmpCli', 'Get-AmpSession',
            'Send-AmpMessage', 'Get-AmpProcess', 'Stop-AmpTurn', 'Receive-AmpMessage', 'Remove-AmpSession') {
            $objects = @(& $written[$name])
            $types = (Get-Command $name).OutputType.Type
            $objects.Count | Should -BeGreaterThan 0 -Because $name
            foreach ($object in $objects) {
                $types.Where{ $_.IsInstanceOfType($object) } | Should -Not -BeNullOrEmpty -Because "$name writes $($object.GetType())"
            }
        }
    }
}

Describe "The scripts of the repository$noAnalyzer" -Skip:([bool] $noAnalyzer) {
    It 'have no finding of PSScriptAnalyzer: <_>' -ForEach 'tests', 'build.ps1', 'examples', 'tools', 'bench', 'PSScriptAnalyzerSettings.psd1', 'out/Amp/Amp.psd1' {
        $path = Join-Path $layout.Root $_
        $path | Should -Exist
        $settings = Join-Path $layout.Root 'PSScriptAnalyzerSettings.psd1'
        $settings | Should -Exist

        # Packages of the CLIs have scripts of others in them.
        $files = (Test-Path -LiteralPath $path -PathType Leaf) ? $path : (Get-ChildItem -LiteralPath $path -Recurse -File -Include '*.ps1', '*.psm1', '*.psd1' |
            Where-Object FullName -NotMatch '[\\/](node_modules|bin|obj)[\\/]').FullName
        $files | Should -Not -BeNullOrEmpty
        $findings = $files | ForEach-Object { Invoke-ScriptAnalyzer -Path $_ -Settings $settings -ErrorVariable +errors }
        $findings | ForEach-Object { "$($_.ScriptName):$($_.Line) $($_.RuleName): $($_.Message)" } | Should -BeNullOrEmpty
        $errors | Should -BeNullOrEmpty
    }

    It 'are all looked at' {
        $others = Get-ChildItem -LiteralPath $layout.Root -Recurse -File -Include '*.ps1', '*.psm1', '*.psd1' | ForEach-Object {
            [System.IO.Path]::GetRelativePath($layout.Root, $_.FullName).Replace('\', '/')
        } | Where-Object { $_ -notmatch '(^|/)(node_modules|bin|obj)/|^out/' -and $_ -notmatch '^(tests|examples|tools|bench)/' }
        # The manifest is looked at where the files are that it names.
        $others | Sort-Object | Should -Be 'Amp.psd1', 'build.ps1', 'PSScriptAnalyzerSettings.psd1'
    }

    It 'are looked at: a script with a mistake has a finding' {
        $settings = Join-Path $layout.Root 'PSScriptAnalyzerSettings.psd1'
        $findings = Invoke-ScriptAnalyzer -ScriptDefinition 'gci | % { $_ }' -Settings $settings
        $findings.RuleName | Should -Contain 'PSAvoidUsingCmdletAliases'
    }
}
