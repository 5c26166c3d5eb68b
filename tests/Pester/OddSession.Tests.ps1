#Requires -Version 7.4

# Sessions of PowerShell that are not like most: in constrained language mode, on a system that does not start the CLI, and without standard streams.

BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Amp.TestSupport.psm1')
    Import-Module (Get-AmpTestLayout).Module
}

Describe 'A session in constrained language mode' {
    BeforeAll {
        $place = Open-AmpTestPlace
        $call = Get-AmpFakeCall $place -Step @(
            'init', (Get-AmpFakeToolStep -Name Bash -Argument @{ cmd = 'ls -la' }), (Get-AmpFakeToolStep -Result 'a.txt'), 'assistant Hello.', 'result Done.')

        # All that has views and is easily made.
        $objects = @(
            Invoke-AmpAgent go @call
            New-AmpPermission Bash Ask -Match @{ cmd = 'git *' }
            New-AmpPermission -Kind Shell -Action Reject
            New-AmpMcpServer db npx '-y', 'server'
            New-AmpMcpServer web -Url https://example.com/mcp
            New-AmpUserMessage hello
            New-AmpTool -Command Get-Date
            Get-AmpCli -CliPath $call.CliPath
        )
        $objects += @($objects.Content | Select-Object -First 4) + $objects[0].McpServers
        $stored = [System.Management.Automation.PSSerializer]::Deserialize([System.Management.Automation.PSSerializer]::Serialize($objects, 5))

        function Get-View([string] $Mode, [object[]] $Shown, [string] $As) {
            $state = [initialsessionstate]::CreateDefault()
            $state.ImportPSModule((Get-AmpTestLayout).Module)
            $runspace = [runspacefactory]::CreateRunspace($state)
            $runspace.Open()
            try {
                $runspace.SessionStateProxy.LanguageMode = $Mode
                $shell = [powershell]::Create($runspace)
                foreach ($item in $Shown) {
                    $shell.Commands.Clear()
                    $null = $shell.AddCommand($As)
                    if ($As -ne 'Out-String') {
                        $null = $shell.AddCommand('Out-String').AddParameter('Width', 150)
                    }

                    "$($shell.Invoke(@($item)))"
                }
            } finally {
                $runspace.Dispose()
            }
        }
    }

    AfterAll {
        Close-AmpTestPlace $place
    }

    It 'shows <Kind> objects as any other does, by <As>' -ForEach @(
        foreach ($kind in 'live', 'stored') {
            foreach ($as in 'Out-String', 'Format-Table', 'Format-List') {
                @{ Kind = $kind; As = $as }
            }
        }
    ) {
        $shown = $Kind -eq 'live' ? $objects : $stored
        $full = @(Get-View FullLanguage $shown $As)
        $constrained = @(Get-View ConstrainedLanguage $shown $As)
        $full.Count | Should -Be $shown.Count
        for ($i = 0; $i -lt $shown.Count; $i++) {
            $full[$i].Trim() | Should -Not -BeNullOrEmpty -Because $shown[$i].PSTypeNames[0]
            $constrained[$i] | Should -Be $full[$i] -Because $shown[$i].PSTypeNames[0]
        }
    }

    It 'has no script in a format file that calls what such a session may not call' {
        $folder = Split-Path (Get-AmpTestLayout).Module
        foreach ($file in Get-ChildItem $folder -Filter *.ps1xml) {
            (Get-Content -Raw $file) | Should -Not -Match '\[[A-Z][\w.]*\]::' -Because $file.Name
        }
    }
}

Describe 'The system does not start the CLI' {
    BeforeAll {
        $missing = $IsLinux ? '' : ' '
        $place = Open-AmpTestPlace
        $call = Get-AmpFakeCall $place
    }

    AfterAll {
        Close-AmpTestPlace $place
    }

    It 'since a variable is too large, and names it' -Skip:(-not $IsLinux) {
        $given = $call + @{}
        $given.Environment = $call.Environment + @{ FAR_TOO_LARGE = 'canary' + 'x' * 200000; SMALL = 'y' }
        $thrown = { Invoke-AmpAgent go @given -ErrorAction Stop } | Should -Throw -ErrorId 'InvalidOption,*' -PassThru
        $thrown.Exception.Message | Should -BeLike '*FAR_TOO_LARGE (195 KiB)*'
        $thrown.Exception.OptionName | Should -Be 'Environment'
        "$thrown" | Should -Not -Match 'canary'
    }

    It 'since the folder may not be entered' -Skip:(-not $IsLinux -or -not (Get-Command setpriv -CommandType Application -ErrorAction Ignore)) {
        $folder = Join-Path $place.Root 'closed'
        $null = New-Item -ItemType Directory $folder
        chmod 600 $folder
        $given = $call + @{}
        $given.WorkingDirectory = $folder
        $given | Export-Clixml (Join-Path $place.Root 'call.xml')
        # Who may override all modes gives that up.
        $script = "Import-Module '$((Get-AmpTestLayout).Module)'; `$call = Import-Clixml '$(Join-Path $place.Root 'call.xml')'; try { Invoke-AmpAgent go @call -ErrorAction Stop } catch { `$_.FullyQualifiedErrorId; `$_.Exception.OptionName }"
        $shown = setpriv '--bounding-set=-dac_override,-dac_read_search' (Get-AmpTestLayout).PowerShell -NoProfile -NonInteractive -Command $script 2>&1
        $shown | Should -Be 'InvalidOption,Amp.PowerShell.Commands.InvokeAmpAgentCommand', 'WorkingDirectory'
    }

    It 'since no more files may be open, and the session lives on' -Skip:(-not $IsLinux) {
        $call | Export-Clixml (Join-Path $place.Root 'call.xml')
        $script = @'
Import-Module 'MODULE'
$call = Import-Clixml 'CALL'
try { Invoke-AmpAgent go @call -ResultOnly | ForEach-Object Result } catch { "threw $($_.FullyQualifiedErrorId)" }
$held = [System.Collections.Generic.List[object]]::new()
try { while ($true) { $held.Add([System.IO.File]::OpenRead('/dev/null')) } } catch { }
try { Invoke-AmpAgent go @call -ErrorAction Stop | Out-Null; 'ran' } catch { $id = $_.FullyQualifiedErrorId; $text = "$_"; $held | ForEach-Object Dispose }
"$id $($text -match 'open files|Too many open files')"
'alive'
'@.Replace('MODULE', (Get-AmpTestLayout).Module).Replace('CALL', (Join-Path $place.Root 'call.xml'))
        $file = Join-Path $place.Root 'limit.ps1'
        Set-Content $file $script
        $shown = bash -c "ulimit -n 400; '$((Get-AmpTestLayout).PowerShell)' -NoProfile -NonInteractive -File '$file'" 2>&1
        $shown[0] | Should -BeLike 'Echo: go'
        $shown[-1] | Should -Be 'alive'
        $shown[-2] | Should -Be 'CliFailed,Amp.PowerShell.Commands.InvokeAmpAgentCommand True'
    }
}

Describe 'A session without standard streams' {
    BeforeAll {
        $place = Open-AmpTestPlace
        $call = Get-AmpFakeCall $place
    }

    AfterAll {
        Close-AmpTestPlace $place
    }

    It 'runs and talks: standard <Name> closed' -Skip:($IsWindows) -ForEach @(
        @{ Name = 'input is'; Redirection = '<&-' }
        @{ Name = 'output is'; Redirection = '>&-' }
        @{ Name = 'error is'; Redirection = '2>&-' }
        @{ Name = 'streams are all'; Redirection = '<&- >&- 2>&-' }
    ) {
        $call | Export-Clixml (Join-Path $place.Root 'call.xml')
        $shown = Join-Path $place.Root 'shown.txt'
        $file = Join-Path $place.Root 'closed.ps1'
        Set-Content $file @'
Import-Module 'MODULE'
$call = Import-Clixml 'CALL'
$session = New-AmpSession @call
$said = & { (Invoke-AmpAgent go @call -ResultOnly).Result; (Send-AmpMessage $session again -ResultOnly).Text } 2>&1
$null = Remove-AmpSession $session
Set-Content 'SHOWN' $said
'@.Replace('MODULE', (Get-AmpTestLayout).Module).Replace('CALL', (Join-Path $place.Root 'call.xml')).Replace('SHOWN', $shown)
        sh -c "exec '$((Get-AmpTestLayout).PowerShell)' -NoProfile -NonInteractive -File '$file' $Redirection"
        Get-Content $shown | Should -Be 'Echo: go', 'Echo: again'
    }
}
